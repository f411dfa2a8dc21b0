"""Threads that wait: they sleep soon, unless the user has said how they wait."""

import os
from importlib import import_module

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.inference.local import load_model
from lemma_hf.train.scratch import character_tokenizer, small_llama
from lemma_hf.utils.threads import calm_threads


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"):
        monkeypatch.setenv(name, "")  # so that it is put back, whatever the code does
        monkeypatch.delenv(name)


def test_threads_that_wait_sleep_soon() -> None:
    calm_threads()
    assert os.environ["GOMP_SPINCOUNT"] == "2000"


@pytest.mark.parametrize(("name", "value"), [("GOMP_SPINCOUNT", "7"), ("OMP_WAIT_POLICY", "active")])
def test_what_the_user_has_set_stays(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    before = dict(os.environ)
    calm_threads()
    assert dict(os.environ) == before


def test_a_model_on_this_machine_is_loaded_with_such_threads(tmp_path) -> None:
    tokenizer = character_tokenizer("0123456789")
    small_llama(tokenizer, hidden_size=16, layers=1).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    load_model(str(tmp_path))
    assert os.environ["GOMP_SPINCOUNT"] == "2000"


@pytest.mark.parametrize("recipe", ["sft", "miniature"])
def test_a_recipe_that_trains_asks_for_such_threads_before_all_else(recipe: str) -> None:
    with pytest.raises(ConfigError, match="unknown option '--no_such_option'"):
        import_module(f"lemma_hf.recipes.{recipe}").main(["--no_such_option", "1"])
    assert os.environ["GOMP_SPINCOUNT"] == "2000"
