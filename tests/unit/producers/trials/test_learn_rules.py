"""`rafid split-rules learn`: files of pages in, a rule file out that the splitter takes."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from producers.trials.learn_rules import learn_split_rules
from streams.errors import RafidError
from streams.split.rules import read_rules

LINE = "يصدر الساحل كل صباح من مدينة النور ويقرأه أهلها جميعا"
CITIES = ["طنجة", "صفاقس", "حلب", "نزوى", "عدن", "بنغازي", "سوسة", "أربيل"]


def rows(source: str | None) -> str:
    """Pages as other tools write them: the text under another name, the source given or not."""
    made = [
        {"title": f"أخبار {city} اليوم", "content": f"شهدت مدينة {city} أمس افتتاح معرض كبير حضره عدد من الضيوف والسكان.\n{LINE}"}
        for city in CITIES
    ]
    return "\n".join(json.dumps(row | ({"source": source} if source else {}), ensure_ascii=False) for row in made)


def test_pages_become_a_rule_file(tmp_path: Path) -> None:
    given, to = tmp_path / "pages.jsonl", tmp_path / "rules.toml"
    given.write_text(rows(None) + '\n{"text": 7}\n' + rows("other.example"), encoding="utf-8")

    ended = CliRunner().invoke(learn_split_rules, [str(given), "--source", "sahel.example", "--to", str(to)])

    assert (ended.exit_code, ended.stdout) == (0, "")
    assert [marker.words for marker in read_rules(to.read_text(encoding="utf-8"))["sahel.example"].own] == [LINE]
    assert "pages.jsonl:9: " in ended.stderr
    assert f"from 8 pages. They take {len(LINE.split()) * 8} words out of the bodies of 8 pages" in ended.stderr


def test_a_source_without_pages_is_named_with_those_that_have_some(tmp_path: Path) -> None:
    given = tmp_path / "pages.jsonl"
    given.write_text(rows("other.example"), encoding="utf-8")

    ended = CliRunner().invoke(learn_split_rules, [str(given), "--source", "sahel.example"])

    assert isinstance(ended.exception, RafidError)
    assert str(ended.exception) == "no page of sahel.example; there are pages of other.example (8)"


def test_what_was_learned_is_json_for_a_program(tmp_path: Path) -> None:
    given = tmp_path / "pages.jsonl"
    given.write_text(rows(None), encoding="utf-8")

    ended = CliRunner().invoke(learn_split_rules, [str(given), "--source", "sahel.example", "--json"])

    (found,) = json.loads(ended.stdout)["proposed"]
    assert (found["sort"], found["words"], found["stories"]) == ("line", LINE, 8)
