import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint import Endpoint
from lemma_hf.inference.endpoint.endpoint import read_options


def test_a_model_at_an_address_or_at_a_provider_is_read():
    here = Endpoint.from_text("org/model@http://localhost:8000/v1/", timeout=5.0)
    assert (here.model, here.base_url, here.timeout) == ("org/model", "http://localhost:8000/v1", 5.0)
    there = Endpoint.from_text("org/model@hf")
    assert (there.base_url, there.provider) == ("", "auto")


@pytest.mark.parametrize("text", ["model", "@http://x/v1", "model@", "model@ftp://x", "model@hfx"])
def test_another_form_is_refused(text):
    with pytest.raises(ConfigError, match="MODEL@URL"):
        Endpoint.from_text(text)


def test_a_secret_in_the_address_is_refused_and_not_repeated():
    for text in ("m@https://me:hunter2@host/v1", "@https://me:hunter2@host"):
        with pytest.raises(ConfigError) as caught:
            Endpoint.from_text(text)
        assert "hunter2" not in str(caught.value)


def test_the_key_comes_from_the_environment_and_a_missing_one_is_named(monkeypatch):
    endpoint = Endpoint.from_text("m@https://api.openai.com/v1")
    monkeypatch.setenv("OPENAI_API_KEY", " sk-test ")
    assert endpoint.key() == "sk-test"
    monkeypatch.delenv("OPENAI_API_KEY")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        endpoint.key()
    with pytest.raises(ConfigError, match="not the key") as caught:
        Endpoint.from_text("m@http://x/v1", key_env="sk-abc-def")
    assert "sk-abc" not in str(caught.value)


def test_the_hub_token_is_never_sent_to_another_address(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert Endpoint.from_text("m@http://localhost:8000/v1").key() == "EMPTY"
    assert Endpoint.from_text("m@hf").key() is None  # huggingface_hub finds the token itself


def test_options_are_read_by_the_names_of_the_fields():
    pairs = ["concurrency=8", "timeout=2.5", "names.max_tokens=max_completion_tokens", "names.seed=", "key_env=MY_KEY"]
    options = read_options([*pairs, "body.top_k=20", "body.effort=low"])
    endpoint = Endpoint.from_text("m@http://x/v1", **options)
    assert (endpoint.concurrency, endpoint.timeout, endpoint.key_env) == (8, 2.5, "MY_KEY")
    assert endpoint.parameter_names == {"max_tokens": "max_completion_tokens", "seed": ""}
    assert endpoint.extra_body == {"top_k": 20, "effort": "low"}


@pytest.mark.parametrize("pair", ["concurrency", "speed=3", "concurrency=many", "names.=x", "other.a=1"])
def test_an_option_that_nobody_knows_is_refused(pair):
    with pytest.raises(ConfigError):
        read_options([pair])


def test_odd_values_are_refused():
    for options in ({"concurrency": 0}, {"timeout": -1.0}, {"usd_per_million_in": float("nan")}, {"tries": 0}):
        with pytest.raises(ConfigError, match=next(iter(options))):
            Endpoint.from_text("m@http://x/v1", **options)
    with pytest.raises(ConfigError, match="no parameter"):
        Endpoint.from_text("m@http://x/v1", parameter_names={"max_length": "x"})


def test_the_price_of_a_call_is_that_of_its_tokens():
    endpoint = Endpoint.from_text("m@http://x/v1", usd_per_million_in=2.0, usd_per_million_out=8.0)
    assert endpoint.usd(500_000, 250_000) == 1.0 + 2.0


def test_several_clients_share_the_limits():
    endpoint = Endpoint.from_text("m@http://x/v1", concurrency=64, requests_per_minute=600.0).share(4)
    assert (endpoint.concurrency, endpoint.requests_per_minute, endpoint.tokens_per_minute) == (16, 150.0, None)


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("http://x/v1?api_key=hunter2hunter2", {}),
        ("http://x/v1", {"extra_body": {"api_key": "hunter2hunter2"}}),
        ("http://x/v1", {"extra_body": {"X-Auth-Token": "hunter2hunter2"}}),
    ],
)
def test_a_key_in_the_address_or_in_the_body_is_refused_since_both_are_written_down(url, options):
    with pytest.raises(ConfigError, match="key_env") as caught:
        Endpoint.from_text(f"m@{url}", **options)
    assert "hunter2" not in str(caught.value)
