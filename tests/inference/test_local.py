"""Generation on this machine, against transformers called one prompt at a time."""

import copy
import json

import pytest
import torch
from tokenizers import processors

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.inference import LocalStudent, Sampling
from lemma_hf.inference.continuous import ContinuousStudent
from lemma_hf.inference.endpoint import ReplyStore
from lemma_hf.inference.loading import load_student
from lemma_hf.inference.local import completion_of, end_tokens, load_model
from lemma_hf.inference.prompting import encode_prompts
from lemma_hf.train.scratch import character_tokenizer, small_llama

PROMPTS = ["12+3=", "4=", "111111+2=", "7*8=", "0="]


@pytest.fixture(scope="module")
def student():
    tokenizer = character_tokenizer("0123456789+*=")
    return LocalStudent(small_llama(tokenizer, hidden_size=32, layers=2), tokenizer, batch_size=2, progress=None)


def greedy_one_by_one(student, prompt, length):
    """The reference: no batch, no padding, no cache; the most likely token, again and again."""
    token_ids = student.tokenizer(prompt)["input_ids"]
    written = []
    while len(written) < length:
        with torch.no_grad():
            logits = student.model(torch.tensor([token_ids + written]), use_cache=False).logits
        written.append(int(logits[0, -1].argmax()))
        if written[-1] == student.tokenizer.eos_token_id:
            break
    return student.tokenizer.decode(written, skip_special_tokens=True)


def test_batched_greedy_decoding_is_the_same_as_one_by_one_and_in_the_order_of_the_prompts(student):
    found = student.complete(PROMPTS, Sampling(max_new_tokens=12))
    assert [completion.text for (completion,) in found] == [greedy_one_by_one(student, p, 12) for p in PROMPTS]


def test_a_completion_says_whether_it_ended_and_counts_its_tokens(student):
    end = student.tokenizer.eos_token_id
    five = student.tokenizer.convert_tokens_to_ids("5")
    done, cut = (completion_of(student.tokenizer, ids, [end]) for ids in ([five, five, end, 0], [five, five, five]))
    assert (done.text, done.finished, done.tokens) == ("55", True, 3)
    assert (cut.text, cut.finished, cut.tokens) == ("555", False, 3)


def test_the_same_seed_draws_the_same_and_another_draws_otherwise(student):
    def draw(seed):
        found = student.complete(PROMPTS, Sampling(n=3, temperature=1.0, max_new_tokens=12, seed=seed))
        return [[completion.text for completion in several] for several in found]

    assert draw(1) == draw(1) != draw(2)
    assert [len(several) for several in draw(1)] == [3] * 5


def test_drawing_leaves_the_random_state_of_the_caller_alone(student):
    torch.manual_seed(0)
    wanted = torch.rand(1)
    torch.manual_seed(0)
    student.complete(PROMPTS[:1], Sampling(temperature=1.0, max_new_tokens=3, seed=9))
    assert torch.equal(torch.rand(1), wanted)


def test_a_model_in_training_mode_is_left_in_it(student):
    student.model.train()
    student.complete(PROMPTS[:1], Sampling(max_new_tokens=2))
    assert student.model.training


def test_every_module_is_left_in_its_own_mode_and_the_model_can_be_trained_on(student):
    frozen = student.model.model.layers[0]
    student.model.train()
    frozen.eval()
    student.complete(PROMPTS[:1], Sampling(max_new_tokens=2))
    assert student.model.training and student.model.model.layers[1].training and not frozen.training
    ids = torch.tensor([[3, 4, 5]])
    student.model(input_ids=ids, labels=ids).loss.backward()
    student.model.eval().zero_grad()


def test_an_end_token_that_the_tokenizer_puts_behind_every_text_does_not_end_the_prompt(student):
    ending = copy.deepcopy(student.tokenizer)
    end = ending.eos_token
    ending.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=f"$A {end}", special_tokens=[(end, ending.eos_token_id)]
    )
    assert ending("4=")["input_ids"][-1] == ending.eos_token_id
    found = LocalStudent(student.model, ending, batch_size=2, progress=None).complete(
        PROMPTS, Sampling(max_new_tokens=12)
    )
    assert found == student.complete(PROMPTS, Sampling(max_new_tokens=12))


def test_a_saved_model_loads_again(student, tmp_path):
    student.model.save_pretrained(tmp_path)
    student.tokenizer.save_pretrained(tmp_path)
    again = LocalStudent.from_pretrained(str(tmp_path), progress=None)
    again.model.to("cpu", torch.float32)
    sampling = Sampling(max_new_tokens=8)
    assert again.complete(PROMPTS, sampling) == student.complete(PROMPTS, sampling)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="is no model that can be loaded"):
        LocalStudent.from_pretrained(str(tmp_path))


def _tear(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:5000])


def _take_a_page(folder):
    (folder / "model.safetensors").write_text("<html>not found</html>")


def _empty(folder):
    (folder / "model.safetensors").write_bytes(b"")


def _put_foreign_bin(folder):
    (folder / "model.safetensors").unlink()
    torch.save({"foreign.weight": torch.zeros(3)}, folder / "pytorch_model.bin")


def _put_broken_bin(folder):
    (folder / "model.safetensors").unlink()
    (folder / "pytorch_model.bin").write_bytes(b"no pickle")


def _add_a_layer(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))


def _widen(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 64}))


def _tear_tokenizer(folder):
    (folder / "tokenizer.json").write_text('{"version": "1.0", "model": {"type": "?"}}')


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (_tear, "is no model that can be loaded: .*header"),
        (_take_a_page, "is no model that can be loaded: .*header"),
        (_empty, "is no model that can be loaded: .*header"),
        (_put_broken_bin, "is no model that can be loaded: "),
        (_widen, "is no model that can be loaded: "),
        (_tear_tokenizer, "is no model that can be loaded: "),
        (_add_a_layer, r"lacks weights .* random numbers: model\.layers\.2\..* and 6 more\. Save the whole model"),
        (_put_foreign_bin, r"lacks weights .*; 1 others fit nowhere, such as foreign\.weight"),
    ],
)
def test_a_folder_whose_weights_are_torn_or_of_another_model_is_refused(student, tmp_path, spoil, message):
    """transformers itself scores a model with random weights where they are missing, and says so in its log only."""
    student.model.save_pretrained(tmp_path)
    student.tokenizer.save_pretrained(tmp_path)
    spoil(tmp_path)
    with pytest.raises(ConfigError, match=message):
        load_model(str(tmp_path))


def test_a_model_with_weights_that_are_no_numbers_is_refused(student, tmp_path):
    broken = copy.deepcopy(student.model)
    with torch.no_grad():
        broken.model.norm.weight[3] = float("nan")
    broken.save_pretrained(tmp_path)
    student.tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ConfigError, match=r"can neither write nor learn: model\.norm\.weight holds NaN"):
        load_model(str(tmp_path))


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_scores_that_become_nan_are_an_error_and_not_the_first_token(student, temperature):
    """As those of a training that has diverged: the most likely token among NaN is token 0, and a draw fails."""
    broken = copy.deepcopy(student.model)
    with torch.no_grad():
        broken.model.norm.weight.fill_(float("nan"))
    with pytest.raises(ConfigError, match="scores tokens with NaN"):
        LocalStudent(broken, student.tokenizer, progress=None).complete(
            PROMPTS, Sampling(temperature=temperature, max_new_tokens=3)
        )


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{% for m in messages %}{{ m }", "TemplateSyntaxError"),
        ("{{ raise_exception('no user') }}", "TemplateError: no user"),
        ("{{ messages[5].content }}", "UndefinedError"),
        ("{{ messages[0]['content'] + 1 }}", "TypeError"),
    ],
)
def test_a_chat_template_that_fails_is_said_in_its_own_words(student, template, message):
    tokenizer = copy.deepcopy(student.tokenizer)
    tokenizer.chat_template = template
    with pytest.raises(DataError, match=f"a prompt .*: the tokenizer's chat template fails .{message}"):
        encode_prompts(tokenizer, ["2+2?"], chat=True)


@pytest.mark.parametrize(
    "settings", [{"n": 0}, {"max_new_tokens": 0}, {"temperature": -1}, {"top_p": 0}, {"top_p": 1.1}, {"n": 2}]
)
def test_a_sampling_that_makes_no_sense_is_refused(settings):
    with pytest.raises(ConfigError):
        Sampling(**settings)


CHAT = "{{ bos_token }}{% for message in messages %}<{{ message.role }}>{{ message.content }}{% endfor %}<assistant>"


@pytest.fixture
def with_chat(student):
    """The tokenizer with a template that writes the token of a text's begin, which it also adds by itself."""
    tokenizer = copy.deepcopy(student.tokenizer)
    begin = tokenizer.convert_ids_to_tokens(0)
    tokenizer.add_special_tokens({"bos_token": begin, "additional_special_tokens": ["<user>", "<assistant>"]})
    tokenizer.chat_template = CHAT
    tokenizer.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{begin} $A", special_tokens=[(begin, 0)]
    )
    return tokenizer


def test_a_chat_template_is_put_around_the_prompt_and_the_text_begins_once(with_chat):
    (plain,), (chat,) = encode_prompts(with_chat, ["1+2="]), encode_prompts(with_chat, ["1+2="], chat=True)
    assert plain[0] == 0 and plain.count(0) == 1
    assert with_chat.convert_ids_to_tokens(chat)[1] == "<user>"
    assert chat[-1] == with_chat.convert_tokens_to_ids("<assistant>")
    assert chat.count(0) == 1


def test_a_tokenizer_without_a_chat_template_says_so(student):
    with pytest.raises(ConfigError, match="no chat template"):
        encode_prompts(student.tokenizer, ["1+2="], chat=True)


@pytest.mark.slow
def test_continuous_batching_writes_what_one_by_one_writes(student):
    continuous = ContinuousStudent(student.model, student.tokenizer, progress=False)
    found = continuous.complete(PROMPTS, Sampling(max_new_tokens=12))
    assert [completion.text for (completion,) in found] == [greedy_one_by_one(student, p, 12) for p in PROMPTS]
    several = continuous.complete(PROMPTS[:2], Sampling(n=3, temperature=1.0, max_new_tokens=12))
    assert [len(some) for some in several] == [3, 3]
    assert len({completion.text for completion in several[0]}) > 1


def test_a_second_end_token_in_the_generation_config_ends_a_completion_too(student):
    model, tokenizer = copy.deepcopy(student.model), student.tokenizer
    (first,) = student.complete(PROMPTS[:1], Sampling(max_new_tokens=12))[0]
    assert len(first.text) > 1
    # Whatever the model writes first is made its second end token.
    second = tokenizer.convert_tokens_to_ids(first.text[0])
    model.generation_config.eos_token_id = [tokenizer.eos_token_id, second]
    assert end_tokens(model, tokenizer) == [tokenizer.eos_token_id, second]
    for other in (LocalStudent(model, tokenizer, progress=None), ContinuousStudent(model, tokenizer, progress=False)):
        (found,) = other.complete(PROMPTS[:1], Sampling(max_new_tokens=12))[0]
        assert (found.text, found.finished, found.tokens) == ("", True, 1)
    model.generation_config.eos_token_id = second
    assert end_tokens(model, tokenizer) == [tokenizer.eos_token_id, second]
    model.generation_config.eos_token_id = None
    assert end_tokens(model, tokenizer) == [tokenizer.eos_token_id]


@pytest.mark.parametrize(
    "advice",
    [{"repetition_penalty": 1e3}, {"no_repeat_ngram_size": 1}, {"suppress_tokens": [*range(8)]}, {"num_beams": 3}],
    ids=lambda advice: next(iter(advice)),
)
def test_what_the_makers_of_a_model_advise_for_its_answers_is_not_taken_for_what_was_asked(student, advice):
    model, sampling = copy.deepcopy(student.model), Sampling(max_new_tokens=12)
    model.generation_config.update(**advice)
    expected = [greedy_one_by_one(student, prompt, 12) for prompt in PROMPTS]
    ids = student.tokenizer(PROMPTS[0], return_tensors="pt")["input_ids"]
    if "num_beams" not in advice:  # the most likely text of all may well be the greedy one
        advised = model.generate(ids, max_new_tokens=12, do_sample=False)[0, ids.shape[1] :]
        assert student.tokenizer.decode(advised, skip_special_tokens=True) != expected[0]
    own = model.generation_config
    for other in (LocalStudent(model, student.tokenizer, progress=None), ContinuousStudent(model, student.tokenizer)):
        assert [completion.text for (completion,) in other.complete(PROMPTS, sampling)] == expected
    assert model.generation_config is own


def test_with_an_adapter_on_it_a_model_is_asked_for_the_same(student):
    peft = pytest.importorskip("peft", reason="adapters need the extra `train`")
    model = copy.deepcopy(student.model)
    model.generation_config.repetition_penalty = 1e3
    adapted = peft.get_peft_model(model, peft.LoraConfig(target_modules=["q_proj"]))  # which changes nothing yet
    own = model.generation_config
    expected = [greedy_one_by_one(student, prompt, 12) for prompt in PROMPTS]
    for other in (
        LocalStudent(adapted, student.tokenizer, progress=None),
        ContinuousStudent(adapted, student.tokenizer),
    ):
        assert [one.text for (one,) in other.complete(PROMPTS, Sampling(max_new_tokens=12))] == expected
        assert model.generation_config is adapted.generation_config is own


def test_a_batch_that_takes_long_shows_how_far_it_is(student, monkeypatch, capsys):
    monkeypatch.setattr("lemma_hf.inference.local._SECONDS_BETWEEN", 0.0)
    watched = LocalStudent(student.model, student.tokenizer, batch_size=5, progress="generate")
    same = student.complete(PROMPTS, Sampling(max_new_tokens=12))
    assert [[one.text for one in row] for row in watched.complete(PROMPTS, Sampling(max_new_tokens=12))] == [
        [one.text for one in row] for row in same
    ]
    assert "in this batch 0 of 5 done, 1 tokens each" in capsys.readouterr().err


def test_a_student_that_a_setting_names_shows_within_a_batch_how_far_it_is(student, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("lemma_hf.inference.local._SECONDS_BETWEEN", 0.0)
    student.model.save_pretrained(tmp_path)
    student.tokenizer.save_pretrained(tmp_path)
    for watch in (True, False):
        with ReplyStore(":memory:") as store:
            named = load_student(str(tmp_path), store, progress="generate", watch=watch)
            named.complete(PROMPTS, Sampling(max_new_tokens=12))
        said = capsys.readouterr().err
        assert "generate:" in said and ("writing:" in said and "in this batch 0 of 5 done" in said) is watch
