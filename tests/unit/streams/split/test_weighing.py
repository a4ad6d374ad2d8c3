"""Rows of lines told by the sum of their signs. All texts are invented."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest

from streams.records import Page
from streams.split.markers import general
from streams.split.splitter import draft_of, mark_announced, split
from streams.split.unannounced.signs import rows, signs
from streams.split.unannounced.subject import Subject

PARAGRAPHS = [
    "أعلنت بلدية العين الزرقاء أمس بدء أعمال توسعة الطريق الشرقي بكلفة ثلاثة ملايين دينار، على أن تنتهي قبل الصيف المقبل.",
    "وقال رئيس البلدية إن الطريق سيخدم أربعين ألفا من سكان الأحياء الشرقية، وإن حركة السير ستحول إلى الشارع الموازي له.",
    "وتتولى التنفيذ شركة محلية فازت بالمناقصة من بين خمس شركات، وتتحمل غرامة عن كل أسبوع تتأخر فيه عن موعد التسليم.",
    "وكان السكان قد طالبوا بالتوسعة منذ أعوام بعد حوادث متكررة عند المنعطف القريب من المدرسة الثانوية للبنات.",
]
TITLES = ["مجلس الأقاليم يقر موازنة الطوارئ بعد جلسة طويلة", "فريق الوادي يتأهل إلى نهائي كأس المدن الساحلية"]


def page(*lines: str) -> Page:
    return Page(id="0" * 32, source="news.example", title=None, text="\n".join(lines), fetched_at="2026-11-22T00:00:00Z")


def other_stories(*lines: str) -> str:
    one = page(*lines)
    return "\n".join(one.text[s.start : s.end] for s in split(one).segments if s.kind in ("similar_list", "inline_teaser"))


def test_two_titles_below_the_text_with_nothing_above_them_are_other_stories() -> None:
    assert other_stories(*PARAGRAPHS, *TITLES) == "\n".join(TITLES)


def test_titles_with_dashes_below_the_text_are_other_stories() -> None:
    lines = [f"- {title}" for title in TITLES]

    assert other_stories(*PARAGRAPHS, *lines) == "\n".join(lines)


@pytest.mark.parametrize(
    "own",
    [
        ["يدخل المستخدم رقمه الوطني وتاريخ ميلاده", "يختار نوع الرخصة ومدة التجديد", "يرفع صورة حديثة بخلفية بيضاء"],
        ["كم ساعة ينام الطالب في أيام الدراسة؟", "وهل يؤثر الهاتف في موعد نومه؟"],
        ["(تغطية صحفية للنشرة يعدها سامر الحداد من الواحة)"],
        ["تم تحرير المحضر اللازم وإحالة المتهم إلى النيابة"],
        ["«جرعة صغيرة تحميك وتحمي من تحب يا صديقي»"],
    ],
    ids=["steps", "questions", "a credit in brackets", "a report of the police", "a quotation"],
)
def test_open_lines_of_the_page_itself_stay(own: list[str]) -> None:
    assert other_stories(*PARAGRAPHS, *own) == ""


def test_titles_that_the_text_announces_stay() -> None:
    announced = "وأقر المجلس في ختام جلسته الأسبوعية عددا من القرارات التي تبدأ صلاحيتها مطلع الشهر المقبل، وهي كما يلي:"

    assert other_stories(*PARAGRAPHS, announced, *TITLES) == ""


def test_a_line_that_says_a_listed_title_again_is_a_teaser() -> None:
    found = other_stories(*PARAGRAPHS[:3], TITLES[0], "تصوير سامر الحداد", PARAGRAPHS[3], "مقالات مشابهة", *TITLES)

    assert found.split("\n").count(TITLES[0]) == 2


@pytest.mark.parametrize(("place", "below"), [("below", []), ("between", PARAGRAPHS[2:])])
def test_every_sign_has_a_weight_and_every_weight_a_sign(place: str, below: list[str]) -> None:
    table = tomllib.loads(files("streams.split.unannounced").joinpath("weights.toml").read_text(encoding="utf-8"))[place]
    draft = draft_of(page(*PARAGRAPHS[:2], *TITLES, *below), general())
    mark_announced(draft)

    (row,) = rows(draft)

    found = signs(draft, row, Subject(draft, [0, 1]))
    assert found is not None
    assert sorted(found) == sorted(table["signs"])
