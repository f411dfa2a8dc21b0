"""Which token belongs to which span: for tokenizers of every make, against counting the bytes of tokens by hand."""

import logging
import time
import unicodedata
from types import SimpleNamespace

import numpy as np
import pytest
from datasets import Dataset
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_worlds import ROWS, TOKENIZERS

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.prompts import prompt_style
from lemma_hf.records import SpanKind
from lemma_hf.train.kinds import TOKEN_KINDS
from lemma_hf.train.round_trip import check_round_trip
from lemma_hf.train.row_text import read_row
from lemma_hf.train.span_text import SpanText
from lemma_hf.train.tokenization import ByteLevel, SpanTokenizer, first_token_behind, token_ends

NAMES = list(TOKENIZERS)
ON_BYTES = ["byte_level", "llama3_like", "qwen_like"]
"""Those whose tokens' lengths alone say where they end."""
LOSSLESS = [*ON_BYTES, "gpt2_like", "llama2_like"]
PIECES = [
    *(" ", "  ", "\n", "\n\n", " \n", ".", "?!", "Wait", " Wait", "Hmm,", "x", "12", " 345", "\t"),
    *(
        r"\frac{1}{2}",
        r"$\sqrt{2}$",
        r"\boxed{72}",
        "😀",
        "👩‍👩‍👧",
        "\u00e9",
        "e\u0301",
        "\u0301",
        "名前",
        "ß",
        "²",
        "ﬁ",
    ),
]
ASCII = [piece for piece in PIECES if piece.isascii() and "\t" not in piece]
SPECIAL = ["</s>", "<s>", "<|im_end|>", "<pad>"]


def texts(pieces):
    part = st.lists(st.sampled_from(pieces), min_size=1, max_size=5).map("".join)
    spans = st.lists(st.tuples(part, st.sampled_from(range(1, 5))), min_size=1, max_size=6)
    return st.builds(span_text, st.one_of(st.just(""), part), spans)


def span_text(prompt: str, spans: list[tuple[str, int]]) -> SpanText:
    text, ends = prompt, []
    for part, _ in spans:
        text += part
        ends.append(len(text))
    return SpanText(text, len(prompt), tuple(ends), tuple(kind for _, kind in spans))


def kind_at(text: SpanText, character: int) -> int:
    """The kind of the span that holds a character, by looking from span to span."""
    if character < text.start:
        return 0
    return next(kind for kind, end in zip(text.kinds, text.ends, strict=True) if character < end)


def bytes_of(token: str, name: str) -> int:
    """How many bytes of text a token stands for: a byte-level one has one sign a byte, the others are text itself."""
    if name in {*ON_BYTES, "gpt2_like"}:
        return len(token)
    return 1 if token.startswith("<0x") else len(token.replace("▁", " ").encode())


def expected_kinds(text: SpanText, tokens: list[str], name: str) -> list[int]:
    """By the lengths of the tokens themselves."""
    character_of = [i for i, sign in enumerate(text.text) for _ in sign.encode()]
    # What is put in front of a text (that does not begin with a space, in some makes) is no character of the text.
    prefixed = {"llama2_like": True, "sentencepiece_like": text.text[0] != " ", "gpt2_like": text.text[0] != " "}
    place = -prefixed.get(name, False)
    kinds = []
    for token in tokens:
        place += bytes_of(token, name)
        kinds.append(kind_at(text, character_of[place - 1]) if place > 0 else kind_at(text, 0))
    assert place == len(text.text.encode())
    return kinds


def check_against_lengths(name, tokenizer, text):
    (row,) = SpanTokenizer(tokenizer)([text])
    ids, kinds = row.ids.tolist(), row.kinds.tolist()
    assert ids[-1] == tokenizer.eos_token_id and ids.count(tokenizer.eos_token_id) == 1
    assert kinds[-1] == text.kinds[-1]
    if ids[0] == tokenizer.bos_token_id:
        assert kinds[0] == 0
        ids, kinds = ids[1:], kinds[1:]
    tokens = tokenizer.convert_ids_to_tokens(ids[:-1])
    assert kinds[:-1] == expected_kinds(text, tokens, name)
    check_round_trip(SpanTokenizer(tokenizer), [text])


UNHURRIED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.mark.parametrize("name", LOSSLESS)
@UNHURRIED
@given(text=texts(PIECES))
def test_every_token_has_the_kind_of_its_last_byte(tokenizer_named, name, text):
    if name == "qwen_like" and not unicodedata.is_normalized("NFC", text.text):
        return  # its tokens are those of another text; see below
    check_against_lengths(name, tokenizer_named(name), text)


@UNHURRIED
@given(text=texts(ASCII))
def test_every_piece_of_a_sentencepiece_like_tokenizer_has_the_kind_of_its_last_character(tokenizer_named, text):
    check_against_lengths("sentencepiece_like", tokenizer_named("sentencepiece_like"), text)


@pytest.mark.parametrize("name", NAMES)
@UNHURRIED
@given(text=texts([*PIECES, *SPECIAL]))
def test_any_text_round_trips_even_where_the_tokenizer_changes_it(tokenizer_named, name, text):
    tokenizer = tokenizer_named(name)
    check_round_trip(SpanTokenizer(tokenizer), [text])
    (row,) = SpanTokenizer(tokenizer)([text])
    assert sum(row.counts) == len(row.ids) and min(row.counts) >= 0
    assert row.kinds[-1] == text.kinds[-1] or not text.text[text.start :].strip()  # that of the end token


@pytest.mark.parametrize("name", ON_BYTES)
@UNHURRIED
@given(several=st.lists(texts([*PIECES, *SPECIAL]), min_size=1, max_size=4))
def test_lengths_in_bytes_and_offsets_say_the_same(tokenizer_named, name, several):
    by_bytes, by_offsets = (SpanTokenizer(tokenizer_named(name)) for _ in range(2))
    assert by_bytes._byte_level is not None
    by_offsets._byte_level = None
    for one, other in zip(by_bytes(several), by_offsets(several), strict=True):
        assert one.ids.tolist() == other.ids.tolist() and one.counts == other.counts


@pytest.mark.parametrize("name", NAMES)
def test_only_a_tokenizer_whose_tokens_are_bytes_of_the_text_is_read_by_lengths(tokenizer_named, name):
    found = ByteLevel.from_backend(tokenizer_named(name).backend_tokenizer)
    assert (found is not None) == (name in ON_BYTES)


@pytest.mark.parametrize("name", NAMES)
@UNHURRIED
@given(text=texts([*PIECES, *SPECIAL]))
def test_the_tokenizers_own_index_and_all_its_offsets_say_the_same(tokenizer_named, name, text):
    (encoding,) = SpanTokenizer(tokenizer_named(name)).encode([text])
    ends = token_ends(encoding, len(text.text))
    for border in range(len(text.text) + 1):
        first = first_token_behind(encoding, border, len(text.text))
        assert (ends[:first] <= border).all() and (ends[first:] > border).all()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("style", ["instruction", "question"])
def test_a_prompt_has_the_same_tokens_alone_as_before_its_completion(tokenizer_named, name, style):
    tokenizer, asked = tokenizer_named(name), prompt_style(style)
    prompt, completion = asked.prompt("How many pens are left?"), asked.completion("Each of 4 boxes holds 9 pens.")
    (row,) = SpanTokenizer(tokenizer)([read_row({"prompt": prompt, "completion": completion}, tokenizer)])
    alone = tokenizer(prompt)["input_ids"]
    alone = alone[:-1] if alone[-1] == tokenizer.eos_token_id else alone
    assert row.ids[: row.counts[0]].tolist() == alone


def test_a_token_across_the_end_of_the_prompt_is_warned_of(tokenizer_named, make_trainer, caplog):
    rows = [row | {"prompt": row["prompt"] + " "} for row in ROWS]  # a trailing space, which belongs to what follows
    spans = [{"completion": row["completion"].strip(), "span_kinds": None, "span_ends": None} for row in rows]
    rows = [row | change for row, change in zip(rows, spans, strict=True)]
    with caplog.at_level(logging.WARNING, logger="lemma_hf"):
        make_trainer(train=Dataset.from_list(rows), processing_class=tokenizer_named("llama3_like"))
    # The right solutions begin with a digit, before which the space is a token of its own.
    assert "in 6 of the first 8 train rows one token (such as 'ĠEach')" in caplog.text
    caplog.clear()
    make_trainer()
    assert not caplog.text


@pytest.mark.parametrize("name", NAMES)
def test_the_rows_of_a_dataset_round_trip(tokenizer_named, name):
    tokenizer = tokenizer_named(name)
    check_round_trip(SpanTokenizer(tokenizer), [read_row(row, tokenizer) for row in ROWS])


@pytest.mark.parametrize("name", NAMES)
def test_the_ids_are_those_of_the_text_tokenised_in_one_piece(tokenizer_named, name):
    tokenizer = tokenizer_named(name)
    for row in ROWS:
        (tokens,) = SpanTokenizer(tokenizer)([read_row(row, tokenizer)])
        whole = tokenizer(row["prompt"] + row["completion"])["input_ids"]
        assert tokens.ids.tolist() == whole + ([] if whole[-1] == tokenizer.eos_token_id else [tokenizer.eos_token_id])


def test_a_space_before_a_digit_keeps_its_place_although_llama_3_reports_it_as_zero_wide(tokenizer_named):
    tokenizer = tokenizer_named("llama3_like")
    reported = tokenizer("holds 6", return_offsets_mapping=True, add_special_tokens=False)["offset_mapping"]
    assert (6, 6) in reported  # the space at character 5, which ends at 6
    text = span_text("", [("holds ", 2), ("6", 3)])
    (row,) = SpanTokenizer(tokenizer)([text])
    space = tokenizer.convert_ids_to_tokens(row.ids.tolist()).index("Ġ")
    (encoding,) = SpanTokenizer(tokenizer).encode([text])
    assert token_ends(encoding, 7)[space] == 6
    assert (row.kinds[space], row.kinds[space + 1]) == (2, 3)


def test_tokens_of_zero_width_reach_to_the_next_start():
    # "<s>", "Each", " box", " 6" and two bytes of one sign, as releases with tokenizers#1553 report them.
    offsets = [(0, 0), (0, 0), (4, 4), (8, 8), (10, 10), (10, 10)]
    encoding = SimpleNamespace(offsets=offsets, special_tokens_mask=[1, 0, 0, 0, 0, 0])
    assert token_ends(encoding, 11).tolist() == [0, 4, 8, 10, 11, 11]


def test_a_token_across_the_border_belongs_to_the_span_of_its_last_character(tokenizer):
    (row,) = SpanTokenizer(tokenizer)([span_text("How many are left? 4 boxes ", [("hold", 1), (" 9", 4)])])
    tokens = tokenizer.convert_ids_to_tokens(row.ids.tolist())
    # " hold" straddles prompt and completion: it holds a character of the completion last, so it is completion.
    assert row.kinds[[token.endswith("hold") or token == "Ġh" for token in tokens].index(True)] == 1


def test_the_end_token_is_not_doubled_where_the_completion_has_it_already(tokenizer):
    row = {"prompt": "Question: 4 boxes", "completion": " hold 9</s>"}
    (tokens,) = SpanTokenizer(tokenizer)([read_row(row, tokenizer)])
    assert tokens.ids.tolist().count(tokenizer.eos_token_id) == 1 and tokens.kinds[-1] == 1


def test_kinds_may_be_names_or_numbers_and_numbers_follow_the_order_of_span_kind(tokenizer):
    named = ROWS[1]
    numbered = {**named, "span_kinds": [list(SpanKind).index(SpanKind(kind)) for kind in named["span_kinds"]]}
    assert read_row(named, tokenizer) == read_row(numbered, tokenizer)
    assert read_row(named, tokenizer).kinds == (1, 2, 3, 4)
    assert TOKEN_KINDS == ("prompt", "reasoning", "error", "reflection", "correction")


def test_a_row_without_spans_is_reasoning_throughout(tokenizer):
    text = read_row({"prompt": "Question:", "completion": " 9", "span_kinds": None, "span_ends": None}, tokenizer)
    assert (text.kinds, text.ends) == ((1,), (11,))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"span_ends": [4, 9]}, "row 7, field `span_ends`: has 2 entries, but `span_kinds` has 4"),
        ({"span_ends": None}, "row 7, field `span_ends`: need a list, found None"),
        ({"span_kinds": None}, "row 7, field `span_kinds`: need a list, found None"),
        ({"span_ends": [9, 4, 12, 13]}, "has to rise from above 0"),
        ({"span_ends": [0, 4, 12, 13]}, "has to rise from above 0"),
        ({"span_ends": [1, 2, 3, 4]}, r"the length of the completion in characters .* but is \[1, 2, 3, 4\]"),
        (
            {"span_kinds": ["reasoning", "error", "reflexion", "correction"]},
            "field `span_kinds`: no label 'reflexion'; known are reasoning",
        ),
        ({"span_kinds": [0, 1, 2, 4]}, "field `span_kinds`: no label 4"),
        ({"span_kinds": [0, 1, 2, -1]}, "field `span_kinds`: a span without a kind"),
        ({"completion": None}, "need prompt and completion as two texts"),
    ],
)
def test_a_malformed_row_is_named_with_its_field(tokenizer, change, message):
    with pytest.raises(DataError, match=message):
        read_row({**ROWS[1], **change}, tokenizer, "row 7")


def test_wrong_offsets_are_noticed_and_the_tokens_shown(tokenizer, monkeypatch):
    shifted = lambda encoding, length: np.append(token_ends(encoding, length)[1:], length)  # noqa: E731
    monkeypatch.setattr("lemma_hf.train.round_trip.token_ends", shifted)
    with pytest.raises(DataError, match=r"do not match in .*→\d+"):
        check_round_trip(SpanTokenizer(tokenizer), [read_row(ROWS[1], tokenizer)])


def test_a_tokenizer_that_cannot_stop_or_knows_no_offsets_is_refused(tokenizer):
    endless = SimpleNamespace(eos_token_id=None)
    with pytest.raises(ConfigError, match="no end token"):
        SpanTokenizer(endless)
    slow = SimpleNamespace(eos_token_id=2, is_fast=False)
    with pytest.raises(ConfigError, match="slow tokenizer"):
        SpanTokenizer(slow)


def test_thousands_of_spans_in_a_row_are_checked_in_time(tokenizer):
    """Decoding up to each of their borders would take a minute: its tokens times its spans."""
    ends = [9 * number for number in range(1, 5001)]
    row = {"prompt": "?", "completion": "12+34=46\n" * 5000, "span_kinds": ["reasoning"] * 5000, "span_ends": ends}
    text = read_row(row, tokenizer)
    start = time.process_time()
    assert check_round_trip(SpanTokenizer(tokenizer), [text]) == []
    assert time.process_time() - start < 15


def test_a_wrong_offset_between_the_borders_that_are_decoded_is_found_all_the_same(tokenizer, monkeypatch):
    ends = [9 * number for number in range(1, 201)]
    row = {"prompt": "?", "completion": "12+34=46\n" * 200, "span_kinds": ["reasoning"] * 200, "span_ends": ends}
    text = read_row(row, tokenizer)

    def shifted(encoding, length):
        found = token_ends(encoding, length)
        found[len(found) // 3] += 9
        return found

    monkeypatch.setattr("lemma_hf.train.round_trip.token_ends", shifted)
    with pytest.raises(DataError, match="is not the first that ends behind character"):
        check_round_trip(SpanTokenizer(tokenizer), [text])
