"""`rafid label`: pages are corrected by an editor, kept at once, and not asked for again."""

from __future__ import annotations

import sys
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from streams.commands import label
from streams.errors import RafidError
from streams.trials.gold import compare, read_gold

TEXT = "وقال رئيس البلدية إن المكتبة مفتوحة.\nمقالات مشابهة\n• مزارعو الوادي يطالبون بخفض الأسعار"
ROWS = b"".join(orjson.dumps({"id": number, "text": TEXT, "site": "wadi.example"}) + b"\n" for number in (1, 2))
REPLACE = "import sys, pathlib; p = pathlib.Path(sys.argv[1]); p.write_text(p.read_text('utf-8').replace('{}', '{}'), 'utf-8')"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    pages = tmp_path / "pages.jsonl"
    pages.write_bytes(ROWS)

    def run(before: str, after: str) -> Result:
        script = tmp_path / "editor.py"
        script.write_text(REPLACE.format(before, after), encoding="utf-8")
        monkeypatch.setenv("EDITOR", f"{sys.executable} {script}")
        return CliRunner().invoke(label, [str(pages), "--to", str(tmp_path / "gold.jsonl")])

    return run


def test_a_corrected_page_is_a_labelled_page(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    ended = run("similar_list", "keywords")

    pages = list(read_gold((tmp_path / "gold.jsonl").read_bytes().splitlines()))
    assert ended.output.splitlines()[-1].startswith("2 pages labelled")
    assert [[mark.kind for mark in page.segments] for page in pages] == [["body", "keywords"]] * 2
    assert not compare(pages[0], ()).is_right


def test_a_labelled_page_is_not_asked_for_again(run) -> None:  # type: ignore[no-untyped-def]
    run("similar_list", "keywords")

    assert run("body", "social").output.startswith("0 pages labelled")


def test_a_page_without_id_is_one_line(tmp_path: Path) -> None:
    pages = tmp_path / "pages.jsonl"
    pages.write_bytes(orjson.dumps({"text": TEXT}))

    ended = CliRunner().invoke(label, [str(pages), "--to", str(tmp_path / "gold.jsonl")])

    assert isinstance(ended.exception, RafidError)
    assert str(ended.exception) == "line 1 has no `id`: it could not be known again"
