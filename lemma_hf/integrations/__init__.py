"""Task files for other evaluation harnesses, which grade with this package.

    lm_eval --include_path "$(python -m lemma_hf.integrations lm_eval)" --tasks lemma_gsm8k,lemma_math500 …
    lighteval accelerate … "lemma_gsm8k,lemma_math500" --custom-tasks "$(python -m lemma_hf.integrations lighteval)"

Both ask in LEMMA's prompt, zero-shot, and give the figures of `lemma_hf.integrations.figures`. Nothing here imports a
harness before that harness asks for it.

* lm-evaluation-harness 0.4.13 installs together with lemma-hf, except its own `minerva_math`, which needs antlr 4.11.
* lighteval 0.13.0 does not: it asks for `latex2sympy2_extended==1.0.6`, and we need 1.11 or newer. `lighteval_tasks`
  shows an environment in which the two run together.

Example:
    >>> from pathlib import Path
    >>> Path(bridge_path("lm_eval")).name, Path(bridge_path("lighteval")).name
    ('lm_eval', 'lighteval_tasks.py')
"""

from pathlib import Path

from lemma_hf.errors import ConfigError

__all__ = ["BRIDGES", "bridge_path"]

_HERE = Path(__file__).parent
BRIDGES = {"lm_eval": "lm_eval", "lighteval": "lighteval_tasks.py"}
"""Harness → path in this folder: a folder of YAML for `--include_path`, a file for `--custom-tasks`."""


def bridge_path(harness: str) -> str:
    """The path of the task files of a harness, to pass to it.

    Raises:
        ConfigError: if there are no task files for it.
    """
    if harness not in BRIDGES:
        raise ConfigError(f"no task files for the harness {harness!r}; need one of {', '.join(BRIDGES)}")
    return str(_HERE / BRIDGES[harness])
