r"""Beside each regular expression of the grader stands an input that it matches: `# "3 cm"  "3 m^2"`.

An example is what stands between quotes, as it is, nothing escaped; two spaces part it from the next one and from any
remark. It stands on the lines of the expression, or in the comment right above them.
"""

import ast
import importlib
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import lemma_hf.grading

HOME = Path(lemma_hf.grading.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(HOME).with_suffix("").parts)
    for path in HOME.rglob("*.py")
    if "\nimport re\n" in path.read_text("utf-8")
)
FUNCTIONS = {"compile", "search", "match", "fullmatch", "sub", "split", "findall", "finditer"}


def expressions(tree: ast.Module, module: ModuleType) -> Iterator[tuple[ast.Call, re.Pattern[str]]]:
    """Each call of a function of `re`, with the expression that it is given."""
    for call in ast.walk(tree):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="re"), attr=name)) if name in FUNCTIONS:
                flags = {"compile": call.args[1:2], "sub": [], "split": []}.get(name, call.args[2:3])
                values = [evaluate(node, module) for node in (call.args[0], *flags)]
                yield call, re.compile(*values)


def evaluate(node: ast.expr, module: ModuleType) -> Any:
    return eval(compile(ast.Expression(node), module.__name__, "eval"), vars(module))


def comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}


def examples(notes: dict[int, str], lines: list[str], call: ast.Call) -> list[str]:
    own = list(range(call.lineno, (call.end_lineno or call.lineno) + 1))
    above = call.lineno - 1
    while lines[above - 1].strip().startswith("#"):
        own.append(above)
        above -= 1
    pieces = [piece for line in own if line in notes for piece in re.split(r"\s\s", notes[line].lstrip("# "))]
    return [piece[1 : piece.rindex('"')] for piece in pieces if piece.startswith('"')]


@pytest.mark.parametrize("name", MODULES)
def test_each_regex_has_an_example_beside_it_that_it_matches(name: str) -> None:
    module = importlib.import_module(f"lemma_hf.grading.{name}")
    source = Path(str(module.__file__)).read_text("utf-8")
    notes, lines = comments(source), source.splitlines()
    for call, pattern in expressions(ast.parse(source), module):
        found = examples(notes, lines, call)
        where = f"{name}.py, line {call.lineno}: {pattern.pattern!r}"
        assert found, f"{where} has no example beside it"
        missed = [text for text in found if not any(match.group() for match in pattern.finditer(text))]
        assert not missed, f"{where} does not match {missed}"
