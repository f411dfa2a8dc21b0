"""Steps of an experiment: each makes one folder, and is done again only where it was not finished.

    step.refuse_other_settings()
    if not step.finished:
        step.begin()
        …                       # what makes `step.folder`
        step.end(seconds)

A small file, the mark, says with which settings a step began, and how long it took if it came to its end.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.utils.files import read_json_object, write_text


@dataclass(frozen=True)
class Step:
    """The base of the steps of all experiments; each kind of step names the places of its mark and its log.

    Example:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as place:
        ...     step = Step(Path(place) / "model", {"seed": "1"})
        ...     step.begin()
        ...     began, _ = step.finished, step.end(12.5)
        ...     began, step.finished
        (False, True)
    """

    folder: Path
    """What it makes."""
    settings: Mapping[str, str]
    """All that decides what comes out, as text: what has to agree for the step to be left alone."""

    @property
    def mark_path(self) -> Path:
        """The file that records the start and the end of the step."""
        return self.folder / "run.json"

    @property
    def log(self) -> Path:
        """The file for the command's output."""
        return self.folder / "log.txt"

    @property
    def finished(self) -> bool:
        """Whether the step came to its end."""
        return self.mark().get("seconds") is not None

    @property
    def checkpoint(self) -> Path | None:
        """The last whole checkpoint of a training that was interrupted."""
        found = [
            (int(path.name.removeprefix("checkpoint-")), path)
            for path in self.folder.glob("checkpoint-*")
            # The trainer writes its state last: a checkpoint without it was cut off.
            if path.name.removeprefix("checkpoint-").isdigit() and (path / "trainer_state.json").is_file()
        ]
        return max(found)[1] if found else None

    def refuse_other_settings(self) -> None:
        """Refuse to reuse or continue a folder that was made with other settings.

        Raises:
            ConfigError: naming what differs.
        """
        mark = self.mark()
        if mark.get("seconds") is not None or (mark and self.checkpoint):
            before, now = self._compared(mark.get("settings", {})), self._compared(self.settings)
            refuse_changed(self.folder, before, now, "delete that folder to make it again")

    def begin(self) -> None:
        """Record the start of the step."""
        self._write(None)

    def end(self, seconds: float) -> None:
        """Record the end of the step, and how long it took."""
        self._write(seconds)

    def mark(self) -> dict[str, Any]:
        """The content of the mark; empty if there is none.

        Raises:
            DataError: if it is no mark, such as the half of one that a full disk leaves.
        """
        path, remedy = self.mark_path, f"delete it and {self.folder} to make that folder again"
        found = read_json_object(path, remedy) if path.is_file() else {}
        if not isinstance(found.get("settings", {}), dict):
            raise DataError(f"{path}: its `settings` are a {type(found['settings']).__name__}: {remedy}")
        return found

    def _compared(self, settings: Mapping[str, str]) -> Mapping[str, str]:
        """The settings under the names by which those of an earlier run are compared with them."""
        return settings

    def _basis(self) -> Mapping[str, Any]:
        """Fields of the mark that identify the results that the step is built on."""
        return {}

    def _write(self, seconds: float | None) -> None:
        facts = {"settings": dict(self.settings), **self._basis(), "seconds": seconds}
        self.mark_path.parent.mkdir(parents=True, exist_ok=True)
        write_text(self.mark_path, json.dumps(facts, indent=2))


def refuse_changed(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any], remedy: str) -> None:
    """Refuse settings that differ from those that a folder was made with.

    Raises:
        ConfigError: naming what differs, and two ways to go on: another folder, or `remedy`.
    """
    changed = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
    if changed:
        name = changed[0]
        raise ConfigError(
            f"{folder} was made with other settings ({', '.join(changed)}; {name} was "
            f"{before.get(name, 'not given')}, now is {now.get(name, 'not given')}): choose another --output_dir, "
            f"or {remedy}"
        )
