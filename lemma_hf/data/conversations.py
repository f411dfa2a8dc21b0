"""Rows as other programs write them: a question and its answer, read from any of four forms.

    alpaca               {"instruction": "2 + 2?", "input": "", "output": "4"}      also `system` and `history`
    conversations        {"conversations": [{"from": "human", "value": "2 + 2?"}, {"from": "gpt", "value": "4"}]}
    messages             {"messages": [{"role": "user", "content": "2 + 2?"}, {"role": "assistant", "content": "4"}]}
    prompt, completion   {"prompt": "2 + 2?", "completion": "4"}                    each also as a list of messages

The first is LEMMA's own and LLaMA-Factory's, the second ShareGPT's, the others TRL's. The keys of a turn may be
`from` and `value` or `role` and `content` in each of them, and its text may be a list of `{"type": "text", "text": …}`.

The answer is the last turn, which has to be the model's. Everything before it is the question: one turn of the user as
it stands; several turns as one text, each behind the name of its speaker.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from lemma_hf.errors import DataError
from lemma_hf.prompts import PROMPT_STYLES

_Record = Mapping[str, Any]


class RowForm(StrEnum):
    """The form of a row, by its columns."""

    ALPACA = "instruction and output"
    CONVERSATIONS = "conversations"
    MESSAGES = "messages"
    PROMPT_COMPLETION = "prompt and completion"


FORM_COLUMNS: Mapping[RowForm, tuple[str, ...]] = {
    RowForm.ALPACA: ("instruction", "output"),
    RowForm.CONVERSATIONS: ("conversations",),
    RowForm.MESSAGES: ("messages",),
    RowForm.PROMPT_COMPLETION: ("prompt", "completion"),
}
"""The columns by which a form is known, in the order in which they are looked for."""

EXCHANGE_COLUMNS = frozenset(chain.from_iterable(FORM_COLUMNS.values())) | {"input", "history", "system"}
"""All columns that are read from rows of these forms."""


class _Speaker(StrEnum):
    """Who speaks in a turn; the value is the name in the text of several turns."""

    SYSTEM = "System"
    USER = "User"
    MODEL = "Assistant"
    TOOL = "Tool"


_SPEAKERS = {
    "system": _Speaker.SYSTEM,
    "developer": _Speaker.SYSTEM,
    "human": _Speaker.USER,
    "user": _Speaker.USER,
    "gpt": _Speaker.MODEL,
    "assistant": _Speaker.MODEL,
    "model": _Speaker.MODEL,
    "function_call": _Speaker.MODEL,
    "tool": _Speaker.TOOL,
    "function": _Speaker.TOOL,
    "observation": _Speaker.TOOL,
}
"""The roles of ShareGPT, of LLaMA-Factory, and of chat templates."""


@dataclass(frozen=True, slots=True)
class _Turn:
    speaker: _Speaker
    text: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A question and its answer, from a row of any form."""

    question: str
    output: str
    """The answer; empty where the row has none."""
    form: RowForm
    system: str = ""
    """The instruction to the model that stands before the conversation, if there is one."""
    gap: str = ""
    """What the row lacks, where it holds no question or no answer."""

    @property
    def asked(self) -> str:
        """All that the model was given: the system text, an empty line, and the question."""
        return "\n\n".join(text for text in (self.system, self.question) if text)


def form_of(columns: Iterable[str]) -> RowForm | None:
    """The form of rows with these columns; None for ours, and for those that are in no known form.

    Example:
        >>> form_of(["id", "messages"]), form_of(["question", "answer"])
        (<RowForm.MESSAGES: 'messages'>, None)
    """
    names = set(columns)
    if "span_kinds" in names:
        return None
    return next((form for form, needed in FORM_COLUMNS.items() if names.issuperset(needed)), None)


def read_exchange(record: _Record) -> Exchange:
    """The question and the answer of a row.

    A conversation that no turn of the model ends has no answer: `output` is empty, and `gap` says why.

    Raises:
        DataError: if the row is in no known form, or a turn is not as it should be; the message names the field and the
            turn, and is to stand behind the file and the row.

    Example:
        >>> turns = [{"from": "human", "value": "2 + 2?"}, {"from": "gpt", "value": "4"}]
        >>> found = read_exchange({"conversations": turns, "system": "Be brief."})
        >>> found.question, found.output, found.system
        ('2 + 2?', '4', 'Be brief.')
        >>> read_exchange({"messages": [{"role": "user"}]})
        Traceback (most recent call last):
            ...
        lemma_hf.errors.DataError: field `messages`, turn 1: need `content` as text, found nothing
    """
    form = form_of(record)
    match form:
        case RowForm.ALPACA:
            turns = _alpaca_turns(record)
        case RowForm.PROMPT_COMPLETION:
            turns = _prompt_turns(record)
        case RowForm.MESSAGES | RowForm.CONVERSATIONS:
            turns = _turns(record[form], form)
        case None:
            raise DataError(unknown_form(record))
    if record.get("system") is not None:
        turns = [_Turn(_Speaker.SYSTEM, _text(record, "system")), *turns]
    return _exchange(turns, form)


def unknown_form(record: _Record) -> str:
    """Why a row is in no known form, with its columns, and what to do.

    Example:
        >>> unknown_form({"data": [{"messages": []}]})
        'the field `data` holds a list of rows: need that list as the whole file, or one row a line'
    """
    if nested := rows_within(record):
        return nested
    forms = ", or ".join(" and ".join(f"`{name}`" for name in columns) for columns in FORM_COLUMNS.values())
    have = ", ".join(f"`{name}`" for name in list(record)[:20]) or "no fields"  # 20 names fit a screen
    return f"need {forms}, or our own columns (`span_kinds`, …); the row has {have}"[:500]


def rows_within(record: _Record) -> str:
    """A message where a row is in truth a whole file, `{"data": [{…}, {…}]}`; empty for all other rows.

    Example:
        >>> rows_within({"rows": [{"question": "2 + 2?", "answer": "4"}]})
        'the field `rows` holds a list of rows: need that list as the whole file, or one row a line'
        >>> rows_within({"messages": [{"role": "user", "content": "2 + 2?"}]})
        ''
    """
    if len(record) != 1:
        return ""
    ((name, value),) = record.items()
    holds_rows = isinstance(value, list) and bool(value) and isinstance(value[0], Mapping)
    if not holds_rows or form_of(record) is not None:
        return ""
    return f"the field `{name}` holds a list of rows: need that list as the whole file, or one row a line"


def _exchange(turns: Sequence[_Turn], form: RowForm) -> Exchange:
    system = "\n\n".join(turn.text for turn in turns if turn.speaker is _Speaker.SYSTEM and turn.text)
    said = [turn for turn in turns if turn.speaker is not _Speaker.SYSTEM]
    if not said:
        return Exchange("", "", form, system, "the row has no turn of a user or a model")
    *before, last = said
    if last.speaker is not _Speaker.MODEL:
        return Exchange(_joined(said), "", form, system, f"the last turn is the {last.speaker.lower()}'s: no answer")
    gap = "" if before else "no question stands before the answer"
    return Exchange(_joined(before), last.text, form, system, gap)


def _joined(turns: Sequence[_Turn]) -> str:
    """One turn as it stands; several as one text, each behind the name of its speaker."""
    if len(turns) == 1:
        return turns[0].text
    return "\n\n".join(f"{turn.speaker}: {turn.text}" for turn in turns)


def _alpaca_turns(record: _Record) -> list[_Turn]:
    """The turns of `history`, which are pairs of question and answer, and of the row itself."""
    history = record.get("history")
    turns = []
    for number, pair in enumerate(_list(history or [], "field `history`"), 1):
        if not (isinstance(pair, list | tuple) and len(pair) == 2 and all(isinstance(text, str) for text in pair)):
            raise DataError(f"field `history`, pair {number}: need [question, answer] as text, found {pair!r:.60}")
        turns += [_Turn(_Speaker.USER, pair[0]), _Turn(_Speaker.MODEL, pair[1])]
    question = _text(record, "instruction")
    if record.get("input") is not None and (more := _text(record, "input")):
        question = f"{question}\n{more}" if question else more
    return [*turns, _Turn(_Speaker.USER, question), _Turn(_Speaker.MODEL, _text(record, "output"))]


def _prompt_turns(record: _Record) -> list[_Turn]:
    prompt, completion = record["prompt"], record["completion"]
    before = [_Turn(_Speaker.USER, _question_in(prompt))] if isinstance(prompt, str) else _turns(prompt, "prompt")
    if isinstance(completion, str):
        # The space at its begin joins it to the prompt.
        return [*before, _Turn(_Speaker.MODEL, completion.lstrip())]
    return before + _turns(completion, "completion")


def _question_in(prompt: str) -> str:
    r"""The question alone, where a prompt was written in a style that is known; else the prompt.

    Example:
        >>> _question_in("Question: 2 + 2?\nSolution:"), _question_in("2 + 2?")
        ('2 + 2?', '2 + 2?')
    """
    for style in PROMPT_STYLES.values():
        before, _, after = style.template.partition("{question}")
        if before and prompt.startswith(before) and prompt.endswith(after):
            return prompt[len(before) : len(prompt) - len(after)]
    return prompt


def _turns(value: Any, field: str) -> list[_Turn]:
    return [_turn(turn, f"field `{field}`, turn {number}") for number, turn in enumerate(_turn_list(value, field), 1)]


def _turn_list(value: Any, field: str) -> Sequence[Any]:
    """The turns as a list; `datasets` may hold a list of records as a record of lists."""
    if isinstance(value, Mapping) and value and all(isinstance(column, list) for column in value.values()):
        return [dict(zip(value, turn, strict=False)) for turn in zip(*value.values(), strict=False)]
    return _list(value, f"field `{field}`")


def _turn(turn: Any, where: str) -> _Turn:
    if not isinstance(turn, Mapping):
        raise DataError(f"{where}: need an object with `role` and `content`, or `from` and `value`, found {turn!r:.60}")
    # Where both kinds of rows stand in one column, Arrow gives each turn all keys, the others' as None.
    names = ("from", "value") if turn.get("role") is None and turn.get("from") is not None else ("role", "content")
    role, content = (turn.get(name) for name in names)
    speaker = _SPEAKERS.get(role.strip().lower()) if isinstance(role, str) else None
    if role is not None and speaker is None:
        raise DataError(f"{where}: need `{names[0]}` as one of {', '.join(_SPEAKERS)}, found {role!r:.60}")
    if content is None and turn.get("tool_calls"):
        content = ""  # the model only calls a tool
    text = _content(content, names[1], where)
    if speaker is None:
        raise DataError(f"{where}: need `role` (or `from`), found {', '.join(map(str, turn))}"[:300])
    return _Turn(speaker, text)


def _content(content: Any, name: str, where: str) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_part(part, f"{where}, part {number}") for number, part in enumerate(content, 1))
    found = "nothing" if content is None else f"{type(content).__name__} {content!r:.60}"
    raise DataError(f"{where}: need `{name}` as text, found {found}")


def _part(part: Any, where: str) -> str:
    """A part of a content, such as `{"type": "text", "text": "2 + 2?"}`."""
    if isinstance(part, Mapping) and part.get("type", "text") == "text" and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = f"of type {part['type']!r:.60}" if isinstance(part, Mapping) and "type" in part else f"{part!r:.60}"
    raise DataError(f"{where}: need {{'type': 'text', 'text': …}}, since only text is read; found one {kind}")


def _list(value: Any, where: str) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise DataError(f"{where}: need a list, found {type(value).__name__} {value!r:.60}")
    return value


def _text(record: _Record, name: str) -> str:
    value = record[name]
    if not isinstance(value, str):
        raise DataError(f"field `{name}`: need str, found {type(value).__name__} {value!r:.60}")
    return value
