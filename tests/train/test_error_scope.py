"""Errors as narrow as the mistake: the masks by eye, one token a character."""

import pytest
from datasets import Dataset
from small_worlds import ROWS, as_row

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.train import LemmaSFTConfig
from lemma_hf.train.row_text import read_row
from lemma_hf.train.scope import DEFAULT_ERROR_SCOPE, ErrorScope
from lemma_hf.train.scratch import character_tokenizer, small_llama
from lemma_hf.train.tokenization import SpanTokenizer

LETTERS = {0: "p", 1: "R", 2: "E", 3: "T", 4: "C"}
ALPHABET = "".join(row["prompt"] + row["completion"] for row in ROWS) + "0123456789=-+!?; "
PARTS = [("reasoning", "4*6=24;"), ("error", "24-9=16;"), ("reflection", "!"), ("correction", "24-9=15;")]
ROW = {**as_row(6, PARTS), "prompt": "?"}


@pytest.fixture(scope="module")
def characters():
    return character_tokenizer(ALPHABET)


def mask(tokenizer, row, scope=ErrorScope.MISTAKE, **options) -> str:
    """The kind of each token of the completion as a letter; the end token stands last."""
    text = read_row(row, tokenizer, scope=scope, **options)
    (tokens,) = SpanTokenizer(tokenizer)([text])
    return "".join(LETTERS[kind] for kind in tokens.kinds).lstrip("p")


def test_the_shared_beginning_of_a_wrong_step_is_reasoning(characters):
    #                                      4*6=24;24-9=16;!24-9=15;</s>
    assert mask(characters, ROW, ErrorScope.STEP) == "RRRRRRREEEEEEEETCCCCCCCCC"
    assert mask(characters, ROW) == "RRRRRRRRRRRREEETCCCCCCCCC"


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        # As a row has it: a character of the completion, here the "9" of "24-9=16".
        ({"error_starts": [10]}, "RRRRRRRRRREEEEETCCCCCCCCC"),
        # The beginning of the step: the whole step, and known to be so.
        ({"error_starts": [7]}, "RRRRRRREEEEEEEETCCCCCCCCC"),
        # Not known: from the spans, as in rows without the column.
        ({"error_starts": [-1]}, "RRRRRRRRRRRREEETCCCCCCCCC"),
        ({"error_starts": [None]}, "RRRRRRRRRRRREEETCCCCCCCCC"),
        ({"error_starts": None}, "RRRRRRRRRRRREEETCCCCCCCCC"),
        # A correction by Fresh & Restart need not begin with the step put right; labels are names or indices.
        ({"error_strategies": ["fresh_and_restart"]}, "RRRRRRREEEEEEEETCCCCCCCCC"),
        ({"error_strategies": [1]}, "RRRRRRREEEEEEEETCCCCCCCCC"),
        ({"error_strategies": [0]}, "RRRRRRRRRRRREEETCCCCCCCCC"),
        # A wrong result is known by arithmetic, whatever follows.
        ({"error_strategies": [1], "error_types": ["calculation"]}, "RRRRRRRRRRRREEETCCCCCCCCC"),
    ],
)
def test_the_place_comes_from_the_row_or_else_from_its_spans(characters, columns, expected):
    assert mask(characters, ROW | columns) == expected


def test_a_second_error_is_narrowed_too_and_its_beginning_is_reasoning(characters):
    parts = [*PARTS[1:], ("error", "15+1=17;"), ("reflection", "!"), ("correction", "15+1=16;")]
    row = {**as_row(6, parts), "prompt": "?"}
    #                                24-9=16;!24-9=15;15+1=17;!15+1=16;</s>
    assert mask(characters, row) == "RRRRREEETCCCCCCCCRRRRREEETCCCCCCCCC"
    # One place known, one not: 20 is the "1" behind the "+".
    assert mask(characters, row | {"error_starts": [None, 20]}) == "RRRRREEETCCCCCCCCRRREEEEETCCCCCCCCC"


def test_chat_rows_count_the_characters_of_the_message(characters):
    tokenizer = character_tokenizer(ALPHABET)
    tokenizer.chat_template = (
        "{% for message in messages %}{{ message['content'] }}</s>{% endfor %}{% if add_generation_prompt %}{% endif %}"
    )
    row = ROW | {"prompt": [{"role": "user", "content": "?"}]}
    row["completion"] = [{"role": "assistant", "content": ROW["completion"]}]
    assert mask(tokenizer, row) == "RRRRRRRRRRRREEETCCCCCCCCC"
    assert mask(tokenizer, row | {"error_starts": [10]}) == "RRRRRRRRRREEEEETCCCCCCCCC"


def test_a_token_across_the_border_belongs_to_the_mistake_since_its_last_character_does(tokenizer):
    row = as_row(6, [("error", "So 24 - 9 = 16 pens."), ("reflection", " Wait."), ("correction", " So 24 - 9 = 15.")])
    (tokens,) = SpanTokenizer(tokenizer)([read_row(row, tokenizer, scope=ErrorScope.MISTAKE)])
    wrong = tokenizer.decode([id for id, kind in zip(tokens.ids, tokens.kinds, strict=True) if kind == 2])
    assert wrong.strip() == "16 pens."


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"error_starts": [6]}, "field `error_starts`: 6 lies outside of its error span, characters 7 to 14"),
        ({"error_starts": [15]}, "field `error_starts`: 15 lies outside"),
        ({"error_starts": [10, 11]}, "field `error_starts`: has 2 entries, but there are 1 error spans"),
        ({"error_starts": ["10"]}, "field `error_starts`: need whole numbers, found '10'"),
        ({"error_strategies": ["fix"]}, "field `error_strategies`: no label 'fix'"),
        ({"error_types": []}, "field `error_types`: has 0 entries, but there are 1 error spans"),
    ],
)
def test_places_that_do_not_fit_are_refused_with_row_and_field(characters, columns, said):
    with pytest.raises(DataError) as caught:
        mask(characters, ROW | columns, where="row 3")
    assert f"row 3, {said}" in str(caught.value)


SPLITS = {
    "padded": {},
    "packed": {"packing": True},
    "wrapped": {"packing": True, "packing_strategy": "wrapped"},
    "streamed": {"streamed": True},
}


@pytest.mark.parametrize("mode", SPLITS)
def test_the_counts_and_the_tokens_in_every_mode(make_trainer, characters, mode, capsys):
    right = {**as_row(6, [("reasoning", "4*6=24;")]), "prompt": "?"}
    other = [("error", "7;"), ("reflection", "!"), ("correction", "4*6=24;")]
    rows = Dataset.from_list([ROW, right, {**as_row(6, other), "prompt": "?"}])
    options = dict(SPLITS[mode])
    if options.pop("streamed", False):
        rows = rows.to_iterable_dataset()
    model = small_llama(characters, hidden_size=32, layers=1, heads=2)
    options |= {"model": model, "processing_class": characters, "error_weight": 0.5}
    trainer = make_trainer(train=rows, error_scope="mistake", **options)
    counts = trainer.preflight["train"]
    assert (counts.narrow_errors, counts.whole_errors) == (1, 1)
    # reasoning: 12 of the first row, 7 and an end token of the second; error: "16;" and "7;"
    assert counts.tokens == (3, 20, 5, 2, 17)
    assert "error_scope mistake: the error begins at its place in 1, at the beginning of the step in 1" in (
        capsys.readouterr().out
    )
    kinds = [kind for row in trainer.train_dataset for kind in row["token_kinds"]]
    assert [kinds.count(kind) for kind in range(5)] == [3, 20, 5, 2, 17]
    weights = [weight for row in trainer.train_dataset for weight in row["loss_weights"]]
    assert all(weight == (0, 1, 0.5, 1, 1)[kind] for kind, weight in zip(kinds, weights, strict=True))


def test_the_whole_step_is_counted_where_the_scope_is_the_step(make_trainer, capsys):
    counts = make_trainer(error_scope="step").preflight["train"]
    assert (counts.narrow_errors, counts.whole_errors) == (0, 6)  # two of the eight rows are right solutions
    assert "error_scope step: the error is the whole step in 6" in capsys.readouterr().out


def test_a_narrow_error_is_never_trained_on_without_its_correction(make_trainer, characters):
    model = small_llama(characters, hidden_size=32, layers=1, heads=2)
    options = {"processing_class": characters, "error_scope": "mistake", "error_weight": 1.0}
    whole = len("?" + ROW["completion"]) + 1
    train = Dataset.from_list([ROW])
    assert len(make_trainer(train=train, model=model, max_length=whole, **options).train_dataset) == 1
    # One token less: not cut to "4*6=24;24-9=", though that much is right, but dropped.
    with pytest.raises(DataError, match="1 × the correction does not fit in max_length"):
        make_trainer(train=train, model=model, max_length=whole - 1, **options)


def test_rows_cached_under_one_scope_are_not_taken_for_the_other(make_trainer, tmp_path):
    Dataset.from_list(ROWS).to_json(tmp_path / "rows.jsonl")
    rows = Dataset.from_json(str(tmp_path / "rows.jsonl"), cache_dir=str(tmp_path / "cache"))
    starts = [None if "error" not in row["span_kinds"] else row["span_ends"][0] + 10 for row in ROWS]
    rows = rows.add_column("error_starts", [[] if start is None else [start] for start in starts])
    kinds = [
        make_trainer(train=rows, error_scope=scope).train_dataset["token_kinds"][:] for scope in ("step", "mistake")
    ]
    assert kinds[0] != kinds[1]


def test_the_scope_is_one_of_two(tmp_path):
    with pytest.raises(ConfigError, match="error_scope is 'value', but it is one of step, mistake"):
        LemmaSFTConfig(str(tmp_path), use_cpu=True, bf16=False, error_scope="value")
    assert LemmaSFTConfig(str(tmp_path), use_cpu=True, bf16=False).error_scope == DEFAULT_ERROR_SCOPE
