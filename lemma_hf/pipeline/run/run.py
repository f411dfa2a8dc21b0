"""A run: settings, store, engine and participants before the stages; settings file and report after them.

    with open_run(settings) as run:
        … stages, through `run.funnel` …
        status = run.finish(folder, trajectories)

However the block ends, the replies are stored, and the report says how far the run came.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from lemma_hf.errors import ConfigError, LemmaError
from lemma_hf.inference.endpoint import ReplyLookup, ReplyStore, Totals, Usage
from lemma_hf.pipeline.engine import Engine, LocalEngine
from lemma_hf.pipeline.error_distribution import ErrorDistribution
from lemma_hf.pipeline.run.limits import check_limits
from lemma_hf.pipeline.run.participants import Participants, find_participants, needs_store, student_style
from lemma_hf.pipeline.run.provenance import package_versions, settings_text, travelling_settings, write_settings
from lemma_hf.pipeline.run.report import write_report
from lemma_hf.pipeline.run.report_facts import RunReport
from lemma_hf.pipeline.run.settings import (
    SETTINGS,
    CardSettings,
    InputSettings,
    ParticipantSettings,
    RunSettings,
    TrajectorySettings,
)
from lemma_hf.pipeline.run.turns import EACH, check_turns
from lemma_hf.pipeline.run.weaknesses import weakness_line
from lemma_hf.pipeline.stage import Funnel
from lemma_hf.prompts import prompt_style
from lemma_hf.records import DropReason, Flawed, Trajectory
from lemma_hf.settings import EXIT_UNANSWERED, parse_settings
from lemma_hf.utils.redaction import hide_secrets


class Settings(NamedTuple):
    """All settings of a run, by group."""

    inputs: InputSettings
    participants: ParticipantSettings
    made: TrajectorySettings
    run: RunSettings
    card: CardSettings


def read_settings(description: str, argv: Sequence[str] | None = None) -> Settings:
    """Read the settings from the section `make_dataset` of `--config FILE` and from the command line."""
    return Settings(*parse_settings(SETTINGS, "make_dataset", description, argv))


@dataclass
class Run:
    """A run that has begun: its settings and all that its stages need."""

    settings: Settings
    funnel: Funnel
    participants: Participants
    store: ReplyLookup | None = None
    found: Counter[str] = field(default_factory=Counter)
    """Counts of the student's errors, by type, for the report; `injected` in the same way."""
    injected: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.time)
    paid_before: Sequence[Totals] = ()

    def note(self, distribution: ErrorDistribution, injected: Iterable[Flawed]) -> None:
        """Count the errors by type, for the report."""
        self.found = Counter({str(type_): count for type_, count in distribution.overall.items()})
        self.found["not given"] = distribution.untyped
        self.injected = Counter(str(item.error.type or "not given") for item in injected)

    def finish(self, folder: Path, trajectories: Sequence[Trajectory]) -> int:
        """Write the settings into the folder and the report next to it; returns the exit status."""
        write_settings(folder, settings_text(self.travelling(), self.participants.prompt_versions))
        failed = sum(count.dropped.get(DropReason.CALL_FAILED, 0) for count in self.funnel.counts)
        outcome = f"finished, but {failed:,} calls got no reply" if failed else "finished"
        self.report(outcome, trajectories)
        if failed:
            print(f"{outcome}: run the same command with --retry_failed to ask again", file=sys.stderr)
        return EXIT_UNANSWERED if failed else 0

    def report(self, outcome: str, trajectories: Sequence[Trajectory] = ()) -> None:
        """Write the report; print what the replies cost and, in one line, what keeps the data from teaching."""
        costs = self.costs()
        report = RunReport(
            title=self.settings.card.title,
            funnel=self.funnel.counts,
            trajectories=trajectories,
            student_errors=+self.found,
            injected_errors=self.injected,
            costs=costs,
            rejects=self.funnel.rejects,
            outcome=outcome,
            command=hide_secrets(" ".join(sys.argv)),
            began=datetime.fromtimestamp(self.began, UTC).isoformat(timespec="seconds"),
            seconds=time.time() - self.began,
            settings=self.travelling(),
            versions=package_versions() | self.participants.prompt_versions,
        )
        place = self.settings.run.place
        facts = write_report(report, f"{place}.report.html", f"{place}.report.json")
        print(f"report: {place}.report.html")
        if line := weakness_line(facts.weaknesses):
            print(line, file=sys.stderr)
        if costs:
            new, stored = sum(c.new for c in costs), sum(c.from_store for c in costs)
            usd, saved = sum(c.usd for c in costs), sum(c.usd_saved for c in costs)
            store = self.settings.run.replies_file
            print(f"replies: {new:,} new (${usd:.4f}), {stored:,} from {store} (${saved:.4f} not paid again)")

    def costs(self) -> list[Usage]:
        """Usage of endpoints by stage. On Ray the clients are in other processes: then what is new in the store."""
        if self.settings.run.engine != "ray":
            return self.participants.usage
        before = {(total.model, total.stage): total for total in self.paid_before}
        now = self.store.totals() if self.store else []
        return [_since(total, before.get((total.model, total.stage))) for total in now]

    def travelling(self) -> dict[str, Any]:
        """The settings that decide which rows come out; not those for cost, hardware and paths."""
        local = {"data_dir", "student_options", "teacher_options", "where_from"}
        files = {"problem_files", "attempts", "outputs", "test_sets", "prompts_dir"}
        student, teacher = self.participants.names
        participants = replace(self.settings.participants, student=student, teacher=teacher)
        return {
            name: value
            for group in (self.settings.inputs, participants, self.settings.made)
            for name, value in travelling_settings(group, local=local, files=files).items()
        }


@contextmanager
def open_run(settings: Settings) -> Iterator[Run]:
    """Open everything that the stages need, and close it at the end; where the block fails, a report says so.

    Raises:
        ConfigError: if a setting makes no sense.
        DataError: if `output_dir` holds something else.
    """
    if prompt_style(settings.made.prompt_style).chat:
        raise ConfigError(
            f"`prompt_style`: rows hold plain text, and {settings.made.prompt_style!r} belongs into a chat template; "
            "take `instruction`, or set it as `student_prompt_style`"
        )
    check_limits(settings.inputs, settings.participants, settings.made, settings.run)
    check_turns(settings.inputs, settings.participants, settings.made)
    goes_on = settings.made.turns == EACH
    with ExitStack() as stack:
        stored = needs_store(settings.inputs, settings.participants, goes_on)
        store = stack.enter_context(_store(settings)) if stored else None
        style = student_style(settings.participants, settings.made)
        participants = find_participants(
            settings.inputs, settings.participants, settings.run, store, style, goes_on=goes_on
        )
        rejects = None if settings.run.dry_run else f"{settings.run.place}.rejects.jsonl"
        funnel = Funnel(rejects, engine=_engine(settings.run))
        run = Run(settings, funnel, participants, store, paid_before=store.totals() if store else ())
        run.travelling()  # a key among the settings is refused before anything is paid for
        try:
            yield run
        except (LemmaError, KeyboardInterrupt) as error:
            # A stage is counted once it is through; in the first one there may be replies already.
            if not settings.run.dry_run and (funnel.counts or any(spent.new for spent in participants.usage)):
                print(f"\n{funnel.table()}\n")
                run.report(f"stopped: {error or 'by Ctrl-C'}")
            raise


def _store(settings: Settings) -> Any:
    """The store of replies, in this process or, on Ray, in a process that all workers can ask."""
    place = settings.run.replies_file
    if settings.run.dry_run and not Path(place).exists():
        place = ":memory:"
    if settings.run.engine != "ray":
        return ReplyStore(place)
    from lemma_hf.pipeline.ray._store import RayReplyStore

    return RayReplyStore(place)


def _engine(run: RunSettings) -> Engine:
    if run.engine == "local":
        return LocalEngine()
    if run.engine == "ray":
        from lemma_hf.pipeline.ray._engine import RayEngine

        return RayEngine(run.ray_dir, llm_workers=run.ray_clients)
    raise ConfigError(f"`engine`: need `local` or `ray`, found {run.engine!r}")


def _since(total: Totals, before: Totals | None) -> Usage:
    """The usage since `before`."""
    start = before or replace(total, replies=0, refusals=0, prompt_tokens=0, completion_tokens=0, usd=0.0)
    new = total.replies + total.refusals - start.replies - start.refusals
    return Usage(
        total.stage,
        total.model,
        requests=new,
        new=new,
        refused={"refused": total.refusals - start.refusals} if total.refusals > start.refusals else {},
        prompt_tokens=total.prompt_tokens - start.prompt_tokens,
        completion_tokens=total.completion_tokens - start.completion_tokens,
        usd=total.usd - start.usd,
    )
