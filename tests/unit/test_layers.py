"""The shape of the house: which room may import which, and what a pure module may know."""

from __future__ import annotations

import ast
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = {
    "producers": {"streams"},
    "streams": set[str](),
    "indexing": {"streams"},
    "deploy": {"producers", "streams", "indexing"},
}
PURE = (
    "streams/records.py",
    "streams/asyncapi.py",
    "streams/fragments.py",
    "streams/identity.py",
    "streams/loose_json.py",
    "streams/loose_urls.py",
    "streams/tracking.py",
    "streams/json_repair.py",
    "streams/times.py",
    "streams/topics.py",
    "streams/dead_letters/envelope.py",
    "streams/runtime/fates.py",
    "streams/runtime/backlog.py",
    "streams/runtime/metrics.py",
    "streams/trials/gold.py",
    "streams/trials/label_format.py",
    "streams/trials/recurrence.py",
    "streams/trials/learn_rules.py",
    "streams/trials/proposed_rules.py",
    "streams/runtime/time_expressions.py",
    "streams/arabic/*.py",
    "streams/compiled/__init__.py",
    "streams/split/*.py",
    "streams/split/unannounced/*.py",
    "streams/dedup/*.py",
    "producers/field_names.py",
    "producers/markup.py",
    "producers/mojibake.py",
    "producers/extract/*.py",
    "producers/page_fields.py",
    "producers/usual_page.py",
    "producers/page_times.py",
    "producers/values/*.py",
    "producers/archive/records.py",
    "producers/push/bodies.py",
    "producers/push/openapi.py",
    "producers/fetch/addresses.py",
    "producers/fetch/decompression.py",
    "producers/fetch/failures.py",
    "producers/fetch/waiting.py",
    "producers/sources.py",
    "producers/feeds/cleaning.py",
    "producers/feeds/schedule.py",
    "producers/feeds/parse.py",
    "producers/feeds/identity.py",
    "producers/feeds/listing.py",
    "producers/feeds/sitemap.py",
    "producers/text_encoding.py",
    "indexing/generations/names.py",
    "indexing/generations/template.py",
    "indexing/worker/documents.py",
    "indexing/worker/batches.py",
    "indexing/elastic/outcomes.py",
    "indexing/elastic/writes.py",
    "indexing/search/highlights.py",
    "indexing/search/query.py",
    "indexing/search/query_text.py",
    "indexing/search/variants.py",
    "indexing/search/terms.py",
    "indexing/search/spelling.py",
    "indexing/search/suggestions.py",
    "indexing/search/word_rows.py",
    "indexing/search/weights.py",
    "indexing/schema/clitics.py",
    "indexing/schema/agreement.py",
    "indexing/schema/bare_words.py",
    "indexing/schema/feminines.py",
    "indexing/schema/radical_ends.py",
    "indexing/schema/first_letters.py",
    "indexing/schema/full_forms.py",
    "indexing/schema/reading.py",
    "indexing/schema/stemming.py",
    "deploy/audit/law.py",
    "deploy/sources/emptiness.py",
    "deploy/sources/judgement.py",
    "deploy/sources/rhythm.py",
    "deploy/security/rights.py",
    "deploy/console/guard/limits.py",
    "deploy/console/openapi.py",
    "deploy/console/reads/answers.py",
    "deploy/console/reads/pipeline_answers.py",
    "deploy/console/reads/address.py",
    "deploy/console/reads/comparison.py",
    "deploy/console/views/drawing.py",
    "deploy/console/reads/time_bounds.py",
    "deploy/console/views/wording.py",
    "deploy/rebuild/comparison.py",
)
# Clients, clocks, chance and surroundings: what makes a function's answer depend on more than its arguments.
IMPURE = {
    *("aiokafka", "asyncio", "click", "elasticsearch", "faust", "kafka", "mode", "rich", "rocksdict"),
    *("logging", "os", "platformdirs", "psutil", "random", "secrets", "socket", "subprocess", "threading", "time", "uuid"),
    "streams.clock",
}
BIDI_CONTROLS = frozenset(map(chr, [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def modules(room: str) -> list[Path]:
    return sorted((ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def pure_modules() -> list[Path]:
    return [path for pattern in PURE for path in sorted(ROOT.glob(pattern))]


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_towards_the_records(room: str) -> None:
    foreign = (set(ROOMS) - {room} - ROOMS[room]) | {"rafid", "tests"}

    offenders = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(room)
        for name in imported(path)
        if name.split(".")[0] in foreign
    ]

    assert offenders == []


def test_the_contract_imports_nothing_of_the_project() -> None:
    names = {name.split(".")[0] for name in imported(ROOT / "streams/records.py")}

    assert names & set(ROOMS) == set()


def test_pure_modules_know_no_client_no_clock_and_no_chance() -> None:
    offenders = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in pure_modules()
        for name in imported(path)
        if {name, name.split(".")[0]} & IMPURE
    ]

    assert offenders == []


def test_pure_modules_never_ask_what_time_it_is() -> None:
    asked = {"now", "utcnow", "today", "urandom", "getenv", "environ"}

    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.attr}"
        for path in pure_modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in asked
    ]

    assert offenders == []


def test_pure_modules_never_use_the_salted_hash() -> None:
    offenders = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in pure_modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "hash"
    ]

    assert offenders == []


def test_every_module_that_calls_itself_pure_is_held_to_it() -> None:
    said = {
        path: ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" for room in ROOMS for path in modules(room)
    }
    claimed = {path for path, docstring in said.items() if docstring.partition("\n")[0].endswith("Pure.")}

    assert claimed - set(pure_modules()) == set()


def test_every_pure_pattern_names_a_module() -> None:
    assert [pattern for pattern in PURE if not list(ROOT.glob(pattern))] == []


@pytest.mark.parametrize("room", ["producers", "streams", "indexing", "deploy", "tests"])
def test_source_holds_no_bidi_controls(room: str) -> None:
    """Invisible controls make code read otherwise than it runs; they are written as escapes."""
    offenders = {
        f"{path.relative_to(ROOT)}: {unicodedata.name(char)}"
        for path in modules(room)
        for char in path.read_text(encoding="utf-8")
        if char in BIDI_CONTROLS
    }

    assert offenders == set()
