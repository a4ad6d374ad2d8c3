"""The shape of the house: no circle of imports, pure modules all the way down, and nothing too long to read."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from tests.unit.test_layers import ROOMS, ROOT, modules, pure_modules

LONGEST_MODULE = 300  # lines
LONGEST_FUNCTION = 40
FIELD_BY_FIELD = {"streams/dedup/entry.py:from_bytes"}  # a record taken apart, a line a field: no branch to lose


def local_modules(path: Path) -> Iterator[Path]:
    """Yields the project's modules that a module imports when it is loaded, `from package import module` included."""
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ImportFrom) or (node.module or "").split(".")[0] not in ROOMS:
            continue
        base = ROOT.joinpath(*(node.module or "").split("."))
        if base.with_suffix(".py").exists():
            yield base.with_suffix(".py")
        else:
            yield from (base / f"{name.name}.py" for name in node.names if (base / f"{name.name}.py").exists())


def test_pure_modules_import_only_pure_modules() -> None:
    pure = {*pure_modules(), ROOT / "streams/errors.py"}

    offenders = [
        f"{path.relative_to(ROOT)} imports {found.relative_to(ROOT)}"
        for path in pure_modules()
        for found in local_modules(path)
        if found not in pure
    ]

    assert offenders == []


def test_no_module_imports_itself_by_a_detour() -> None:
    graph = {path: set(local_modules(path)) for room in ROOMS for path in modules(room)}

    assert list(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


def test_no_folder_imports_itself_by_a_detour() -> None:
    """A folder and one inside it are one thing seen from afar: only folders beside each other count."""
    graph = {path.parent: set[Path]() for room in ROOMS for path in modules(room)}
    for path in (path for room in ROOMS for path in modules(room)):
        beside = {found.parent for found in local_modules(path)} - {path.parent, *path.parents}
        graph[path.parent] |= {folder for folder in beside if path.parent not in folder.parents}

    assert list(TopologicalSorter(graph).static_order())  # raises CycleError, which names the circle


@pytest.mark.parametrize("room", ROOMS)
def test_no_folder_holds_more_than_sixteen_modules(room: str) -> None:
    folders = Counter(path.parent for path in modules(room) if path.name != "__init__.py")

    assert [str(folder.relative_to(ROOT)) for folder, count in folders.items() if count > 16] == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_module_is_longer_than_a_sitting(room: str) -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules(room)}

    assert {str(path.relative_to(ROOT)): length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


@pytest.mark.parametrize("room", ROOMS)
def test_no_function_is_longer_than_a_screen(room: str) -> None:
    """Options of a command and docstrings do not count: they are read once, the rest is kept in the head."""
    offenders = {
        f"{path.relative_to(ROOT)}:{node.name}": length
        for path in modules(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or 0) - node.body[min(1, len(node.body) - 1)].lineno + 1) > LONGEST_FUNCTION
    }

    assert set(offenders) - FIELD_BY_FIELD == set()


# Words that end as verbs in the present do and are none.
NO_VERBS = frozenset(
    {"Articles", "As", "Entries", "Ids", "Its", "Lines", "Messages", "Pages", "Settings", "Stories", "This", "Titles", "Words"}
)


def first_words() -> Iterator[tuple[str, str]]:
    """Yields each function with a docstring, as file:name, and the first word of that; a property is no function."""
    for path in (path for room in ROOMS for path in modules(room)):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (docstring := ast.get_docstring(node)):
                decorators = " ".join(map(ast.unparse, node.decorator_list))
                if not any(other in decorators for other in ("property", ".command", ".group")):  # a command's is its help
                    yield f"{path.relative_to(ROOT)}:{node.name}", docstring.split(maxsplit=1)[0].rstrip(",;:.")


def test_a_docstring_begins_with_a_verb_in_the_present() -> None:
    offenders = {name: word for name, word in first_words() if not word.endswith("s") or word in NO_VERBS}

    assert offenders == {}
