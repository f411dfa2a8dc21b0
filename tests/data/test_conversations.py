"""Question and answer are read from rows of every form; what is not as it should be is named by field and turn."""

import pytest

from lemma_hf.data.conversations import RowForm, form_of, read_exchange
from lemma_hf.errors import DataError

Q, A = "2 + 2?", "2 + 2 = 4"
SHAREGPT = [{"from": "human", "value": Q}, {"from": "gpt", "value": A}]
MESSAGES = [{"role": "user", "content": Q}, {"role": "assistant", "content": A}]
PARTS = [{"role": "user", "content": [{"type": "text", "text": "2 + "}, {"type": "text", "text": "2?"}]}, MESSAGES[1]]
BOTH_KEYS = [{**turn, "role": None, "content": None} for turn in SHAREGPT]


@pytest.mark.parametrize(
    ("record", "form"),
    [
        ({"instruction": Q, "output": A}, RowForm.ALPACA),
        ({"instruction": Q, "input": "", "output": A, "system": "", "history": []}, RowForm.ALPACA),
        ({"instruction": "", "input": Q, "output": A, "history": None}, RowForm.ALPACA),
        ({"conversations": SHAREGPT}, RowForm.CONVERSATIONS),
        ({"conversations": MESSAGES}, RowForm.CONVERSATIONS),
        ({"conversations": BOTH_KEYS}, RowForm.CONVERSATIONS),
        ({"conversations": {"from": ["human", "gpt"], "value": [Q, A]}}, RowForm.CONVERSATIONS),
        ({"messages": MESSAGES}, RowForm.MESSAGES),
        ({"messages": PARTS}, RowForm.MESSAGES),
        ({"messages": SHAREGPT}, RowForm.MESSAGES),
        ({"prompt": Q, "completion": A}, RowForm.PROMPT_COMPLETION),
        ({"prompt": f"Question: {Q}\nSolution:", "completion": f" {A}"}, RowForm.PROMPT_COMPLETION),
        ({"prompt": MESSAGES[:1], "completion": MESSAGES[1:]}, RowForm.PROMPT_COMPLETION),
        ({"prompt": MESSAGES[:1], "completion": A}, RowForm.PROMPT_COMPLETION),
    ],
)
def test_every_form_gives_the_question_and_the_answer(record, form):
    found = read_exchange(record)
    assert (found.question, found.output, found.form, found.system, found.gap) == (Q, A, form, "", "")


@pytest.mark.parametrize(
    "record",
    [
        {"conversations": [{"from": "system", "value": "Be brief."}, *SHAREGPT]},
        {"conversations": SHAREGPT, "system": "Be brief."},
        {"messages": [{"role": "developer", "content": "Be brief."}, *MESSAGES]},
        {"instruction": Q, "output": A, "system": "Be brief."},
        {"prompt": [{"role": "system", "content": "Be brief."}, MESSAGES[0]], "completion": A},
    ],
)
def test_a_system_text_stands_before_the_question(record):
    found = read_exchange(record)
    assert (found.question, found.system) == (Q, "Be brief.")
    assert found.asked == f"Be brief.\n\n{Q}"


@pytest.mark.parametrize(
    "record",
    [
        {"messages": [*MESSAGES, {"role": "user", "content": "And 3 + 3?"}, {"role": "assistant", "content": "6"}]},
        {"instruction": "And 3 + 3?", "output": "6", "history": [[Q, A]]},
    ],
)
def test_of_several_turns_the_last_is_the_answer_and_all_before_it_the_question(record):
    found = read_exchange(record)
    assert found.output == "6"
    assert found.question == f"User: {Q}\n\nAssistant: {A}\n\nUser: And 3 + 3?"


def test_a_call_of_a_tool_is_a_turn_too():
    call = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "add"}}]}
    turns = [MESSAGES[0], call, {"role": "tool", "content": "4"}, MESSAGES[1]]
    assert read_exchange({"messages": turns}).question == f"User: {Q}\n\nAssistant: \n\nTool: 4"


@pytest.mark.parametrize(
    ("turns", "output", "gap"),
    [
        ([*SHAREGPT, SHAREGPT[0]], "", "the last turn is the user's: no answer"),
        ([SHAREGPT[1]], A, "no question stands before the answer"),
        ([], "", "the row has no turn of a user or a model"),
    ],
)
def test_what_lacks_a_question_or_an_answer_says_so(turns, output, gap):
    found = read_exchange({"conversations": turns})
    assert (found.output, found.gap) == (output, gap)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"messages": None}, "field `messages`: need a list, found NoneType"),
        ({"messages": ["hello"]}, "field `messages`, turn 1: need an object with `role` and `content`, or"),
        ({"messages": [{"content": "x"}]}, "field `messages`, turn 1: need `role` (or `from`), found content"),
        (
            {"messages": [MESSAGES[0], {"role": "assistant", "content": 4}]},
            "turn 2: need `content` as text, found int 4",
        ),
        ({"conversations": [{"from": "human"}]}, "field `conversations`, turn 1: need `value` as text, found nothing"),
        ({"conversations": [{"from": "bob", "value": "x"}]}, "turn 1: need `from` as one of system, developer, human"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image", "url": "x"}]}]},
            "field `messages`, turn 1, part 1: need {'type': 'text', 'text': …}, since only text is read; found one of "
            "type 'image'",
        ),
        ({"instruction": "x", "output": None}, "field `output`: need str, found NoneType None"),
        ({"instruction": "x", "output": "y", "history": ["z"]}, "field `history`, pair 1: need [question, answer]"),
        ({"conversations": SHAREGPT, "system": 1}, "field `system`: need str, found int 1"),
        ({"prompt": 1, "completion": "x"}, "field `prompt`: need a list, found int 1"),
        ({"data": [{"messages": MESSAGES}]}, "the field `data` holds a list of rows: need that list as the whole file"),
        ({"a": 1}, "`prompt` and `completion`, or our own columns (`span_kinds`, …); the row has `a`"),
        ({}, "the row has no fields"),
    ],
)
def test_what_is_not_as_it_should_be_is_named(record, said):
    with pytest.raises(DataError) as caught:
        read_exchange(record)
    assert said in str(caught.value)


def test_rows_of_ours_are_in_no_form():
    assert form_of(["prompt", "completion", "span_kinds", "span_ends"]) is None


def test_a_row_may_have_any_number_of_turns():
    turns = MESSAGES * 10_000
    found = read_exchange({"messages": turns})
    assert found.output == A and found.question.count("User: ") == 10_000
