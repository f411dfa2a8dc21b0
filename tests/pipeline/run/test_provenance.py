"""The settings that travel with the data: small ones, checked by eye."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from lemma_hf.errors import ConfigError, DataError
from lemma_hf.pipeline.run.provenance import package_versions, settings_text, travelling_settings, write_settings
from lemma_hf.utils.redaction import hide_secrets


@dataclass
class Settings:
    output_dir: str = "/home/ann/secret-project/out"
    outputs: list[str] = field(default_factory=lambda: ["runs/7/a.jsonl.gz", "b.jsonl"])
    teacher: str = "gpt-4o@https://ann:pw@api.example.org/v1"
    key_env: str = "OPENAI_API_KEY"
    max_tokens: int = 512
    tokens_per_minute: float | None = None
    about: str = "Made of 1/2 of the rows.\n"
    extra_body: dict[str, object] = field(default_factory=dict)


def travel(**changes: object) -> dict[str, object]:
    return travelling_settings(Settings(**changes), local=["output_dir"], files=["outputs"])  # type: ignore[arg-type]


def test_places_and_passwords_stay_at_home() -> None:
    assert travel() == {
        "outputs": ["a.jsonl.gz", "b.jsonl"],
        "teacher": "gpt-4o@https://api.example.org/v1",
        "key_env": "OPENAI_API_KEY",
        "max_tokens": 512,
        "tokens_per_minute": None,
        "about": "Made of 1/2 of the rows.\n",
        "extra_body": {},
    }


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("/home/ann/model", "model"),
        ("~/model/", "model"),
        ("../model", "model"),
        ("C:\\Users\\ann\\model", "model"),
        ("/home/ann/my models/model", "model"),
        ("/ means divide\nand / too", "/ means divide\nand / too"),
        (Path("/home/ann/model"), "model"),
        ("file:///home/ann/model", "model"),
        ("meta-llama/Llama-3.1-8B", "meta-llama/Llama-3.1-8B"),
        ("m@http://10.0.0.3:8000/v1", "m@local endpoint"),
        ("m@http://[::1]:8000/v1", "m@local endpoint"),
        ("m@http://gpu-7:8000/v1", "m@local endpoint"),
        ("m@http://gpu.cluster.internal/v1", "m@local endpoint"),
        ("m@https://api.example.org/v1?api-version=2", "m@https://api.example.org/v1?api-version=2"),
        ("m@hf:groq", "m@hf:groq"),
        (float("inf"), "inf"),
        ({"b", "a"}, ["a", "b"]),
    ],
)
def test_a_value_is_told_as_far_as_it_means_something_elsewhere(value: object, told: object) -> None:
    assert travelling_settings({"x": value}) == {"x": told}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"teacher": "sk-proj-abcdefghijklmnop"}, "teacher"),
        ({"about": "log in with hf_abcdefghijklmnopqrst please"}, "about"),
        ({"extra_body": {"headers": {"X-Custom": "Bearer abcdefghij"}}}, "extra_body.headers.X-Custom"),
        ({"extra_body": {"headers": {"Authorization": "anything"}}}, "extra_body.headers.Authorization"),
        ({"extra_body": {"api_key": "anything"}}, "extra_body.api_key"),
        ({"extra_body": {"list": ["fine", "sk-abcdefghijklmnop"]}}, "extra_body.list.1"),
        ({"extra_body": {"hf_abcdefghijklmnopqrst": 1}}, "extra_body"),
        ({"about": "eyJhbGciOiJIUzI1NiJ9.abcdefghijklmnop"}, "about"),
        ({"teacher": "m@https://api.example.org/v1?api-key=abc"}, "teacher"),
        ({"key_env": "my-own-123"}, "key_env"),
    ],
)
def test_what_looks_like_a_key_is_refused_by_its_place_and_not_repeated(changes: dict[str, object], place: str) -> None:
    with pytest.raises(ConfigError) as caught:
        travel(**changes)
    said = str(caught.value)
    assert f"`{place}`" in said
    assert not any(secret in said for secret in ("abcdefghij", "anything", "my-own", "api-key=abc"))


def test_ordinary_settings_are_no_keys() -> None:
    names = {"max_tokens": "x", "parameter_names": {"max_tokens": "max_completion_tokens"}, "monkey": "y"}
    assert (
        travelling_settings({**names, "about": "task-based, risk-free-and-easy: basic arithmetic, a bearer of news"})[
            "monkey"
        ]
        == "y"
    )


def test_a_key_among_the_prompts_versions_is_refused_too() -> None:
    with pytest.raises(ConfigError, match=r"`prompts\.fix`"):
        settings_text({}, {"fix": "sk-abcdefghijklmnop"})


def test_the_file_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    text = settings_text(travel(), {"fix": "3"}, packages=("datasets", "no-such-package"))
    path = write_settings(tmp_path, text)
    first = path.read_bytes()
    assert write_settings(tmp_path, settings_text(travel(), {"fix": "3"}, packages=("datasets",))).read_bytes() == first
    read = json.loads(first)
    assert list(read) == ["settings", "prompts", "packages"]
    assert read["prompts"] == {"fix": "3"}
    assert read["packages"] == package_versions(("datasets",)) != {}
    assert [item.name for item in tmp_path.iterdir()] == ["settings.json"]


def test_a_folder_that_is_not_there_is_a_message(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be written"):
        write_settings(tmp_path / "nowhere", "{}")


def test_a_command_is_shown_without_its_keys() -> None:
    assert hide_secrets("run --x sk-abcdefghijklmnop --u http://a:b@c.d/v1") == "run --x … --u http://c.d/v1"


def test_looking_for_keys_takes_no_time_on_a_hostile_value() -> None:
    # A pattern that backtracks would not come back from a megabyte of almost-keys.
    assert travelling_settings({"x": "bearer " * 150_000})["x"].startswith("bearer")
    assert travelling_settings({"x": "-----BEGIN " + "A " * 500_000})["x"].startswith("-----")
    assert travelling_settings({"x": "eyJ-" * 250_000})["x"].startswith("eyJ")
    with pytest.raises(ConfigError):
        travelling_settings({"x": "-sk-" * 200_000})


@pytest.mark.parametrize(
    "key",
    [
        "sk_live_" + "a1" * 12,
        "rk_test_" + "a1" * 12,
        "xoxe-1-abcdefghijkl",
        "xoxe.xoxp-1-abcdefghi",
        "GOCSPX-" + "a" * 20,
    ],
)
def test_keys_of_further_providers_are_hidden(key: str) -> None:
    assert hide_secrets(f"run --key {key} now") == "run --key … now"
