"""Are the stories well-formed, different, reproducible, and right?"""

import re
import subprocess
import sys
from collections import Counter
from fractions import Fraction
from functools import cache

import pytest

from lemma_hf.errors import DataError
from lemma_hf.records import Problem
from lemma_hf.world import World
from lemma_hf.world.stories import STORIES
from lemma_hf.world.stories._story import draw_story
from lemma_hf.world.stories._template import StoryQuantity, Template, step
from lemma_hf.world.stories._templates import TEMPLATES
from lemma_hf.world.stories._world import story_of_id

EQUATION = re.compile(r"([$\d][-+*/(). $\d]*[)\d]) = \$?(\d+(?:\.\d+)?)")


@cache
def problems() -> list[Problem]:
    return STORIES.problems(3000, seed=11)


def by_hand(left: str) -> Fraction:
    """An oracle of its own for `a op b op c`, with one level of brackets."""
    left = left.replace("$", "")
    while "(" in left:
        left = re.sub(r"\(([^()]*)\)", lambda inner: str(by_hand(inner[1])), left)
    terms = [term for part in re.split(r" (?=\+ )| (?=- )", left) for term in [part] if term]
    total = Fraction(0)
    for term in terms:
        sign = -1 if term.startswith("- ") else 1
        first, *rest = re.split(r" ([*/]) ", term.removeprefix("+ ").removeprefix("- "))
        value = Fraction(first)
        for operator, factor in zip(rest[::2], rest[1::2], strict=True):
            value = value * Fraction(factor) if operator == "*" else value / Fraction(factor)
        total += sign * value
    return total


def test_the_oracle_of_this_file_counts_right() -> None:
    assert by_hand("2 * (3 + 4) - 6 / 4") == Fraction(25, 2)


def test_stories_is_a_world() -> None:
    world: World = STORIES
    assert world.name == "stories"


def test_there_are_at_least_twelve_templates_and_each_is_told() -> None:
    told = Counter(story_of_id(problem.id).template.name for problem in problems())
    assert len(told) == len(TEMPLATES) >= 12
    assert min(told.values()) > 3000 / len(TEMPLATES) / 2


def test_no_two_of_three_thousand_questions_are_the_same() -> None:
    assert len({problem.question for problem in problems()}) == 3000


def test_a_longer_list_begins_with_the_shorter_one() -> None:
    assert STORIES.problems(40, seed=5)[:15] == STORIES.problems(15, seed=5)


def test_another_seed_tells_other_stories() -> None:
    one, two = ({problem.question for problem in STORIES.problems(50, seed)} for seed in (1, 2))
    assert not one & two


def test_a_story_is_made_again_from_its_id_alone() -> None:
    story_of_id.cache_clear()
    for problem in problems()[::50]:
        assert story_of_id(problem.id).question == problem.question


def test_another_process_tells_the_same_stories() -> None:
    code = "from lemma_hf.world.stories import STORIES; p = STORIES.problems(20, 3)[-1]; print(p.question); "
    code += "print(p.reference_solution)"
    environment = {"PYTHONHASHSEED": "123"}
    output = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    problem = STORIES.problems(20, 3)[-1]
    assert output.stdout == f"{problem.question}\n{problem.reference_solution}\n"


def test_every_equation_of_every_solution_holds() -> None:
    for problem in problems():
        *steps, _ = problem.reference_solution.split("\n")
        for line in steps:
            found = EQUATION.findall(line)
            assert len(found) == 1, line
            left, right = found[0]
            assert by_hand(left) == Fraction(right), line


def test_solutions_take_two_to_eight_steps_and_end_in_the_answer() -> None:
    for problem in problems():
        *steps, last = problem.reference_solution.split("\n")
        assert 2 <= len(steps) <= 8
        assert last == f"The answer is: {problem.reference_answer}"
        assert EQUATION.findall(steps[-1])[0][1] == problem.reference_answer


def test_every_quantity_has_the_same_value_on_all_routes() -> None:
    for problem in problems()[:500]:
        story = story_of_id(problem.id)
        for route in story.template.routes:
            for line in story.work(route) or ():
                assert story.values[line.step.name] == line.value, (story.template.name, line.step.name)


def faults_of_english(text: str) -> list[str]:
    """What should never be read in a text of ours."""
    patterns = (
        r"[{}]",
        r"  ",
        r" [.,;:!?]",
        r"\b[Aa] [aeiou](?!ne\b|ni|sed|u)\w+",
        r"\b[Aa]n (?!hour)[^aeiou\W]\w+",
        r"\ba (?:8|11|18)\b",
        r"(?<![\d.$])\b1 [a-z]+s\b(?! )",
        r"\b(\w+) \1\b",
        r"[a-z]\.[A-Z]",
        r"(?:^|[.?] |\n)[a-z]",
        r"\bs's\b",
    )
    return [match[0] for pattern in patterns for match in re.finditer(pattern, text)]


def test_the_sanity_check_of_english_can_fail() -> None:
    for text in ("She has a apple.", "An box.", "Two  eggs.", "It is {x}.", "No. so", "She has the the box."):
        assert faults_of_english(text), text


def test_the_english_is_sane() -> None:
    for problem in problems():
        for text in (problem.question, problem.reference_solution):
            assert not faults_of_english(text), (faults_of_english(text), text)
        assert problem.question.endswith((".", "?"))


def test_every_wording_of_every_route_can_be_filled_in() -> None:
    seen = set()
    for problem in problems()[:400]:
        story = story_of_id(problem.id)
        for line in (line for route in story.template.routes for line in story.work(route) or ()):
            assert len(line.texts) >= 2
            for text in story.wordings(line):
                assert not faults_of_english(text), text
                assert text.endswith(".\n")
            seen.add((story.template.name, line.step.name))
    assert len({name for name, _ in seen}) == len(TEMPLATES)


def test_numbers_are_spelled_in_the_way_asked_for() -> None:
    three = StoryQuantity(Fraction(3))
    assert f"{three} {three:w} {three:W} {three:times} {three:part}" == "3 three Three three times a third"
    assert f"{StoryQuantity(Fraction(2)):times}, {StoryQuantity(Fraction(5, 2), money=True)}" == "twice, $2.50"


def test_a_template_whose_values_never_fit_is_refused() -> None:
    import random

    never = Template("never", (), {"a": (3,), "b": (2,)}, ("?",), ((step("half", "a / b", "{eq}."),),), ())
    with pytest.raises(DataError, match="template never"):
        draw_story(never, random.Random(0))
