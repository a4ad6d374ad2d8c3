"""Other stories that no word announces. All texts are invented."""

from __future__ import annotations

import pytest

from streams.records import Page
from streams.split.splitter import split
from streams.split.stories import articles

FIRST = "أعلنت بلدية العين الزرقاء أمس بدء أعمال توسعة الطريق الشرقي بكلفة ثلاثة ملايين دينار، على أن تنتهي قبل الصيف المقبل."
SECOND = "وقال رئيس البلدية إن الطريق سيخدم أربعين ألفا من سكان الأحياء الشرقية، وإن حركة السير ستحول إلى الشارع الموازي له."
TITLES = [
    "مجلس الأقاليم يقر موازنة الطوارئ بعد جلسة طويلة",
    "أسعار القمح تقفز لليوم الرابع في أسواق الميناء",
    "نجاة طفل بعد ساعات في البحر قبالة رأس النخيل",
    "فريق الوادي يتأهل إلى نهائي كأس المدن الساحلية",
    "انقطاع المياه عن أحياء الجنوب حتى مساء الأحد",
]


def body_of(*lines: str) -> str:
    page = Page(id="0" * 32, source="news.example", title=None, text="\n".join(lines), fetched_at="2026-11-22T00:00:00Z")
    return articles(split(page))[0].body


def words(*lines: str) -> list[str]:
    return " ".join(lines).split()


@pytest.mark.parametrize("count", [2, 3, 4])
def test_titles_in_a_row_between_paragraphs_leave_the_body(count: int) -> None:
    assert body_of(FIRST, *TITLES[:count], SECOND).split() == words(FIRST, SECOND)


def test_one_short_line_between_paragraphs_that_say_it_again_is_a_subheading() -> None:
    subhead = "سكان الأحياء الشرقية ينتظرون توسعة الطريق"

    assert body_of(FIRST, subhead, SECOND).split() == words(FIRST, subhead, SECOND)


def test_a_title_alone_that_the_text_passes_over_leaves_the_body() -> None:
    assert body_of(FIRST, TITLES[0], SECOND).split() == words(FIRST, SECOND)


def test_a_title_alone_stays_where_the_paragraph_below_begins_anew() -> None:
    begun = SECOND.removeprefix("وقال ")

    assert body_of(FIRST, TITLES[0], begun).split() == words(FIRST, TITLES[0], begun)


def test_a_row_that_the_text_announces_stays() -> None:
    announced = SECOND[:-1] + ":"

    assert body_of(FIRST, announced, *TITLES).split() == words(FIRST, announced, *TITLES)


def test_the_questions_of_an_interview_stay() -> None:
    lines = [line for title in TITLES for line in (f"{title}؟", SECOND)]

    assert body_of(FIRST, *lines).split() == words(FIRST, *lines)


@pytest.mark.parametrize("clock", ["01:28{}", "02:07 {}"])
def test_a_playlist_before_the_text_leaves_the_body_with_its_heading(clock: str) -> None:
    playlist = [clock.format(title) for title in TITLES[:3]]

    assert body_of("مقاطع مختارة", *playlist, FIRST, SECOND).split() == words(FIRST, SECOND)


@pytest.mark.parametrize("date", ["الإثنين، 04 أبريل 2022 08:55 م", "قبل 17 ساعة", "3/4/2024"])
def test_dated_titles_below_the_text_leave_the_body(date: str) -> None:
    listed = [line for title in TITLES[:3] for line in (date, title)]

    assert body_of(FIRST, SECOND, *listed).split() == words(FIRST, SECOND)


def test_a_long_row_of_titles_below_the_text_leaves_the_body_with_its_unknown_heading() -> None:
    assert body_of(FIRST, SECOND, "على الرف هذا المساء", *TITLES).split() == words(FIRST, SECOND)


def test_a_list_of_the_storys_own_addresses_stays() -> None:
    listed = [line for title in TITLES for line in (title, "https://town.example/page")]

    assert body_of(FIRST, SECOND, *listed).split() == words(FIRST, SECOND, *listed)


def test_a_story_loaded_below_is_a_story_of_its_own() -> None:
    title = "مصنع السكر في تل الريحان يعود إلى العمل بعد توقف عامين"
    text = "عاد مصنع السكر في تل الريحان إلى العمل صباح أمس بعد توقف استمر عامين بسبب نقص الشمندر، وفق ما أعلنت إدارته."
    lines = [FIRST, SECOND, "الرئيسية » اقتصاد", title, "كتب: هاني الدروبي", "16 أغسطس 2026 - 09:15", text]
    page = Page(id="0" * 32, source="news.example", text="\n".join(lines), fetched_at="2026-11-22T00:00:00Z")

    main, other = articles(split(page))

    assert (main.body.split(), other.title, other.body) == (words(FIRST, SECOND), title, text)


def test_a_question_below_a_teaser_of_an_interview_stays() -> None:
    question = "*وما البديل الذي تستندون إليه؟"
    answer = "-منذ بدء الأعمال حذرت أصوات من التأخير، لكننا اخترنا الانتظار."

    assert body_of(FIRST, "اقرأ أيضا", TITLES[0], question, answer, question, answer).split() == words(
        FIRST, question, answer, question, answer
    )


def test_ledes_in_a_list_below_the_credit_leave_the_body() -> None:
    ledes = [
        "صوت أعضاء المجلس لصالح الموازنة بعد نقاش استمر ست ساعات، وامتنع ثلاثة منهم.",
        "بلغ سعر الطن مستوى لم يبلغه منذ عامين، وفق ما ذكره تجار في الميناء أمس.",
    ]
    listed = ["حول هذه القصة", TITLES[0], ledes[0], TITLES[1], ledes[1]]

    assert body_of(FIRST, SECOND, "المصدر: شبكة المدار", *listed).split() == words(FIRST, SECOND)


def test_an_appended_story_whose_title_stands_twice_is_one_story() -> None:
    title = "مصنع السكر في تل الريحان يعود إلى العمل بعد توقف عامين"
    text = "عاد مصنع السكر في تل الريحان إلى العمل صباح أمس بعد توقف استمر عامين بسبب نقص الشمندر، وفق ما أعلنت إدارته."
    lines = [FIRST, SECOND, "المصدر: شبكة المدار", "إقرأ أيضاً:", title, title, text]
    page = Page(id="0" * 32, source="news.example", text="\n\n".join(lines), fetched_at="2026-11-22T00:00:00Z")

    main, other = articles(split(page))

    assert (main.body.split(), other.body) == (words(FIRST, SECOND), text)


def test_a_share_bar_closes_the_story_above_one_that_is_loaded_below() -> None:
    bar, crumb, byline = "فيسبوك تويتر واتساب", "الرئيسية » اقتصاد", "كتب: هاني الدروبي"
    title = "مصنع السكر في تل الريحان يعود إلى العمل"
    story = "عاد مصنع السكر في تل الريحان إلى العمل صباح أمس بعد توقف استمر عامين بسبب نقص الشمندر، وفق ما أعلنت إدارته."

    for head in ([bar, crumb], [bar]):
        assert body_of(FIRST, SECOND, *head, title, byline, story).split() == words(FIRST, SECOND)


@pytest.mark.parametrize("verb", ["شاهد أيضا", "تابع أيضا"])
def test_a_marker_that_is_the_verb_of_the_story_stays(verb: str) -> None:
    sentence = f"{verb} رئيس البلدية خلال الجولة عرضا لمراحل توسعة الطريق ووجه بسرعة الانتهاء منها"

    assert body_of(FIRST, sentence, SECOND).split() == words(FIRST, sentence, SECOND)


def test_a_network_that_the_text_names_on_a_line_of_its_own_stays() -> None:
    lines = (FIRST, "وأضاف في صفحته على", "«فيس بوك»", SECOND)

    assert body_of(*lines).split() == words(*lines)


def test_titles_closed_with_full_stops_below_the_text_leave_the_body() -> None:
    closed = [f"{title}." for title in TITLES[:3]]

    assert body_of(FIRST, SECOND, *closed).split() == words(FIRST, SECOND)


def test_titles_closed_with_full_stops_under_a_short_line_leave_the_body() -> None:
    closed = [f"{title}." for title in TITLES[:2]]

    assert body_of(FIRST, "حديث المدن", *closed, SECOND).split() == words(FIRST, SECOND)


def test_short_sentences_of_the_report_below_the_text_stay() -> None:
    sentences = ["الطريق الشرقي يخدم سكان الأحياء.", "البلدية تحول حركة السير إلى الشارع الموازي.", "الأعمال تنتهي قبل الصيف."]

    assert body_of(FIRST, SECOND, *sentences).split() == words(FIRST, SECOND, *sentences)


def test_a_title_under_a_short_line_at_the_end_leaves_the_body_with_it() -> None:
    assert body_of(FIRST, SECOND, "زاوية المدن", TITLES[1]).split() == words(FIRST, SECOND)


def test_the_credit_of_an_agency_under_a_name_at_the_end_is_no_title_of_a_list() -> None:
    credit = ["من سامر الحداد", "(تغطية سامر الحداد من رأس النخيل - تحرير ليلى الصباغ)"]

    assert body_of(FIRST, SECOND, *credit).split() == words(FIRST, SECOND, *credit)


def test_a_title_behind_unknown_words_and_a_colon_at_the_end_leaves_the_body() -> None:
    assert body_of(FIRST, SECOND, f"قصة من الأقاليم: {TITLES[1]}").split() == words(FIRST, SECOND)


@pytest.mark.parametrize(
    "last", ["رئيس البلدية: الأهالي يتحملون تحويل السير أشهرا طويلة", "الخبر التالي غدا: هل تتوقف الأعمال في الشتاء؟"]
)
def test_a_last_line_of_one_who_speaks_in_the_report_stays_and_so_does_a_question(last: str) -> None:
    assert body_of(FIRST, SECOND, last).split() == words(FIRST, SECOND, last)
