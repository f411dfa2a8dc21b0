"""The teacher that a setting names, and what it can do."""

import pytest

from lemma_hf.errors import ConfigError
from lemma_hf.inference.endpoint import ReplyStore
from lemma_hf.inference.loading import endpoint_client
from lemma_hf.taxonomy import INJECTABLE
from lemma_hf.teachers import LLMTeacher, ReferenceTeacher, WorldTeacher
from lemma_hf.teachers.loading import load_teacher


def test_the_world_makes_its_own_mistakes_and_needs_to_know_which_world():
    found = load_teacher("world", world="stories")
    assert isinstance(found.teacher, WorldTeacher) and found.needs_solutions
    assert set(found.types) == set(INJECTABLE) & set(found.teacher.world.error_types)
    with pytest.raises(ConfigError, match=r"knows the world's own problems only: set `world`"):
        load_teacher("world")


def test_the_reference_makes_the_mistakes_that_it_can_write():
    found = load_teacher("reference", world="stories")
    assert isinstance(found.teacher, ReferenceTeacher) and list(found.types) == list(found.teacher.error_types)


def test_a_model_behind_an_endpoint_makes_all_and_is_named_without_its_address(tmp_path):
    name = "org/model@http://localhost:9/v1"
    with ReplyStore(tmp_path / "replies.sqlite") as store:
        found = load_teacher(name, client=endpoint_client(name, [], store), max_tokens=99)
    assert isinstance(found.teacher, LLMTeacher) and found.teacher.max_tokens == 99
    assert (found.name, list(found.types), found.needs_solutions) == ("org/model", list(INJECTABLE), False)


def test_another_name_is_refused_with_those_that_there_are():
    with pytest.raises(ConfigError, match=r"need `world`, `reference`, MODEL@URL or MODEL@hf, found 'wold'"):
        load_teacher("wold")
