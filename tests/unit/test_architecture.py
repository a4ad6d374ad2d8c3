"""ARCHITECTURE.md is a map of this house, and of no former one."""

from __future__ import annotations

import ast
import builtins
import re

from tests.unit.test_layers import ROOMS, ROOT, modules

MAP = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
TREE = MAP.split("```")[1]
FILES = {str(path.relative_to(ROOT)) for room in (*ROOMS, "tests", "docs") for path in (ROOT / room).rglob("*") if path.is_file()}


def section(title: str) -> str:
    """The text below a heading of the second level."""
    return MAP.split(f"## {title}\n")[1].split("\n## ")[0]


def error_classes() -> set[str]:
    """The public exception classes of all rooms."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for room in ROOMS
        for path in modules(room)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef)
    }
    found = {name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)}
    while more := {name for name, parents in bases.items() if parents & found} - found:
        found |= more
    return {name for name in found & set(bases) if not name.startswith("_")}


def test_every_file_that_a_recipe_names_by_its_path_is_there() -> None:
    named = set(re.findall(r"`((?:producers|streams|indexing|deploy|tests|docs)/[\w./-]+)`", MAP))

    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_file_on_the_map_is_there() -> None:
    named = set(re.findall(r"\b[\w/-]+\.(?:py|toml|md)\b", TREE))

    assert {name for name in named if not any(f"/{file}".endswith(f"/{name}") for file in FILES)} == set()


def test_every_room_is_on_the_map() -> None:
    rooms = {path.parent.relative_to(ROOT) for room in ROOMS for path in modules(room)}

    assert {str(room) for room in rooms if f"{room.name}/" not in TREE} == set()


def test_the_tree_of_errors_has_every_one() -> None:
    drawn = set(re.findall(r"\w+", section("Errors, all of them")))

    assert error_classes() - drawn == set()
