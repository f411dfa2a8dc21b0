"""Names of the fields of a dataclass, read in its source: to import it may take ten seconds."""

import ast
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path


def field_names(place: str | Path, name: str) -> set[str]:
    """Names of the fields of a dataclass and of its bases, wherever they are defined.

    Args:
        place: the module that defines the class or imports it by its name, or the module's file.
        name: the class.

    Raises:
        LookupError: if the source of one of the classes cannot be found.

    Example:
        >>> sorted(field_names("lemma_hf.inference.completions", "Sampling"))
        ['max_new_tokens', 'n', 'seed', 'temperature', 'top_p']
    """
    tree = parsed(place)
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and node.name == name:
            bases = [field_names(place, base.id) for base in node.bases if isinstance(base, ast.Name)]
            return set(_own_fields(node)).union(*bases)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if (alias.asname or alias.name) == name:
                    return field_names(_module(node, place), alias.name)
    raise LookupError(f"{place}: neither defines nor imports a class {name}")


def parsed(place: str | Path) -> ast.Module:
    """The syntax tree of a module, which is not imported.

    Raises:
        LookupError: if its source cannot be found.
    """
    path = place if isinstance(place, Path) else _file(place)
    try:
        return ast.parse(path.read_text("utf-8"))
    except (OSError, ValueError, SyntaxError) as error:
        raise LookupError(f"{path}: cannot be read as Python ({error})") from None


def _own_fields(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name):
            continue
        # A name that begins with an underscore is not for callers of `__init__`.
        if not statement.target.id.startswith("_") and "ClassVar" not in ast.unparse(statement.annotation):
            yield statement.target.id


def _file(module: str) -> Path:
    """The file of a module. Only its outermost package is looked up, since Python imports all but the last."""
    top, *inner = module.split(".")
    spec = find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        raise LookupError(f"no package {top} is installed")
    path = Path(spec.submodule_search_locations[0], *inner)
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _module(node: ast.ImportFrom, place: str | Path) -> str:
    """The name of the module that an import reads, also of one with dots in front."""
    if not node.level:
        return node.module or ""
    if isinstance(place, Path):
        raise LookupError(f"{place}: a relative import of a file without a package")
    package = place.split(".")
    if _file(place).name != "__init__.py":
        package = package[:-1]
    above = package[: len(package) - node.level + 1]
    return ".".join([*above, node.module] if node.module else above)
