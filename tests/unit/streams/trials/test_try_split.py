"""`rafid try split` and `rafid split-rules check`: JSON Lines for programs, a page for the eye, one line for an error."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from rich.console import Console

from streams.commands import check_split_rules, try_split
from streams.errors import RafidError
from streams.trials.try_split import show

PARAGRAPH = "وقال رئيس البلدية إن المكتبة تضم أكثر من ثلاثين ألف كتاب وقاعات مفتوحة طوال الأسبوع."
TITLE = "مزارعو الوادي يطالبون بخفض أسعار مياه الري"
TEXT = f"{PARAGRAPH}\nمقالات مشابهة\n• {TITLE}"


def lines(output: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in output.splitlines()]


def test_json_lines_in_are_json_lines_out_with_the_id_as_given() -> None:
    given = json.dumps({"id": 7, "text": TEXT, "cls": "related", "title": None})

    ended = CliRunner().invoke(try_split, ["-"], input=f"\n{given}\n\n{given}")

    expected = {
        "id": 7,
        "segments": [
            {"start": 0, "end": len(PARAGRAPH), "kind": "body"},
            {"start": len(PARAGRAPH) + 1, "end": len(TEXT), "kind": "similar_list"},
        ],
    }
    assert ended.exit_code == 0
    assert lines(ended.stdout) == [expected, expected]


def test_why_names_the_rule_of_each_segment() -> None:
    ended = CliRunner().invoke(try_split, ["-", "--why"], input=json.dumps({"text": TEXT}))

    assert [segment["rule"] for segment in lines(ended.stdout)[0]["segments"]] == ["no marker", "heading مقالات مشابهة"]


def test_a_malformed_line_is_named_and_the_rest_goes_on() -> None:
    good = json.dumps({"id": "a", "text": TEXT})

    ended = CliRunner().invoke(
        try_split, ["-"], input="\n".join([good, "{", "[]", '{"id": 1}', '{"text": "x", "links": [1]}', good])
    )

    assert isinstance(ended.exception, RafidError)
    assert [line["id"] for line in lines(ended.stdout)] == ["a", "a"]
    assert [line.split(":")[1].strip() for line in ended.stderr.splitlines()] == [
        "line 2",
        "line 3",
        "line 4.text",
        "line 5.links",
    ]


def test_a_text_file_is_a_page_with_its_reasons_and_its_stories(tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    file.write_text(TEXT, encoding="utf-8")

    ended = CliRunner().invoke(try_split, [str(file)])

    assert ended.exit_code == 0
    assert "[similar_list: heading مقالات مشابهة]" in ended.stdout
    assert PARAGRAPH in ended.stdout


def test_on_a_terminal_the_page_is_set_from_the_right() -> None:
    out = io.StringIO()

    show(Console(file=out, force_terminal=True, width=100), TEXT, None, "", None)

    assert f"\u200f• {TITLE}" in out.getvalue()
    assert "\x1b[36m" in out.getvalue()  # the colour of a list


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "page.txt"
    file.write_bytes("رواية".encode("cp1256"))

    ended = CliRunner().invoke(try_split, [str(file)])

    assert isinstance(ended.exception, RafidError)
    assert "not UTF-8 at byte 0" in str(ended.exception)


def test_rules_of_the_lines_source_hold(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[sources."sahel.example"]\nignore = ["مقالات مشابهة"]\n', encoding="utf-8")
    given = "\n".join(json.dumps({"source": source, "text": TEXT}) for source in ("sahel.example", "other.example"))

    ended = CliRunner().invoke(try_split, ["-", "--rules", str(rules)], input=given)

    assert [len(line["segments"]) for line in lines(ended.stdout)] == [1, 2]


def test_a_rule_file_is_checked() -> None:
    rules = '[sources."sahel.example"]\nlines = ["حمل تطبيق الساحل"]\n'

    ended = CliRunner().invoke(check_split_rules, ["-"], input=rules)

    assert (ended.exit_code, ended.stdout) == (0, "sahel.example: 1 other_boilerplate\n")


@pytest.mark.parametrize("rules", ["x", "[sources.a]\nlines = 1"])
def test_a_wrong_rule_file_is_refused(rules: str) -> None:
    ended = CliRunner().invoke(check_split_rules, ["-"], input=rules)

    assert isinstance(ended.exception, RafidError)
