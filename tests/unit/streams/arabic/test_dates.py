"""Dates as news sites write them: read when they are wholly understood, and otherwise not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.arabic import dates
from streams.arabic.dates import parse

LEVANTINE = (
    "كانون الثاني",
    "شباط",
    "آذار",
    "نيسان",
    "أيار",
    "حزيران",
    "تموز",
    "آب",
    "أيلول",
    "تشرين الأول",
    "تشرين الثاني",
    "كانون الأول",
)
GULF = ("يناير", "فبراير", "مارس", "إبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر")
EGYPTIAN = ("يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيه", "يوليه", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر")
TUNISIAN = ("جانفي", "فيفري", "مارس", "أفريل", "ماي", "جوان", "جويلية", "أوت", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر")
MOROCCAN = ("يناير", "فبراير", "مارس", "أبريل", "ماي", "يونيو", "يوليوز", "غشت", "شتنبر", "أكتوبر", "نونبر", "دجنبر")
ENGLISH = ("Jan", "February", "Mar", "April", "May", "Jun", "July", "Aug", "Sept", "Oct", "November", "DEC")
CALENDARS = (LEVANTINE, GULF, EGYPTIAN, TUNISIAN, MOROCCAN, ENGLISH)
DIGITS = ("0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹")
EVENING = datetime(2026, 11, 22, 18, 25, tzinfo=UTC)
DAY = datetime(2026, 11, 22, tzinfo=UTC)

days = st.dates(min_value=datetime(2000, 1, 1, tzinfo=UTC).date(), max_value=datetime(2099, 12, 31, tzinfo=UTC).date())


@given(
    days, st.sampled_from(CALENDARS), st.sampled_from(DIGITS), st.sampled_from(["{d} {m} {y}", "{m} {d}، {y}", "{d} {m}، {y}م"])
)
def test_a_day_is_read_under_every_name_of_its_month(day: datetime, months: tuple[str, ...], digits: str, form: str) -> None:
    text = form.format(d=day.day, m=months[day.month - 1], y=day.year).translate(str.maketrans(DIGITS[0], digits))

    assert parse(text) == datetime(day.year, day.month, day.day, tzinfo=UTC)


@given(
    days,
    st.sampled_from([(LEVANTINE, GULF), (GULF, LEVANTINE), (LEVANTINE, EGYPTIAN)]),
    st.sampled_from(["/", "/ ", " / ", " - ", " ("]),
)
def test_a_month_under_two_names_is_one_month(day: datetime, names: tuple[tuple[str, ...], ...], between: str) -> None:
    first, second = (calendar[day.month - 1] for calendar in names)
    text = f"{day.day} {first}{between}{second}{')' if '(' in between else ''} {day.year}"

    assert parse(text) == datetime(day.year, day.month, day.day, tzinfo=UTC)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_the_time_of_a_record_reads_as_itself(time: datetime) -> None:
    assert parse(time.isoformat()) == time


@given(st.text(max_size=60))
def test_any_text_is_a_time_in_utc_or_none(text: str) -> None:
    found = parse(text, ZoneInfo("Africa/Cairo"))

    assert found is None or found.utcoffset() == timedelta(0)


@given(
    st.lists(
        st.sampled_from(
            [
                "22",
                "٢٢",
                "2026",
                "1448",
                "11",
                "/",
                "-",
                ":",
                "18:25",
                "م",
                "ص",
                "هـ",
                "نوفمبر",
                "تشرين الثاني",
                "رجب",
                "الأحد",
                "+03:00",
                "GMT",
                "T",
                " ",
            ]
        ),
        max_size=9,
    )
)
def test_pieces_of_dates_in_any_order_are_a_plausible_time_or_none(pieces: list[str]) -> None:
    found = parse(" ".join(pieces), timezone(timedelta(hours=3)))

    assert found is None or found.year in (2025, 2026)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-22", DAY),
        ("2026-11-22T18:25:00Z", EVENING),
        ("2026-11-22T21:25:00+03:00", EVENING),
        ("2026-11-22 21:25:00 +0300", EVENING),
        ("2026-11-22T182500", EVENING),
        ("٢٠٢٦-١١-٢٢ ١٨:٢٥", EVENING),
        ("2026/11/22 18:25", EVENING),
        ("2026-11-22 06:25 م", EVENING),
        ("Sun, 22 Nov 2026 18:25:00 GMT", EVENING),
        ("Sun, 22 Nov 2026 13:25:00 EST", EVENING),
        ("22 Nov 2026 21:25:00 +0300", EVENING),
        ("Sun, 22 Nov 2026 18:25:00 -0000", EVENING),
        ("November 22, 2026 6:25 PM", EVENING),
        ("1795371900", EVENING),
        ("1795371900000", EVENING),
        ("22/11/2026 18:25", EVENING),
        ("22-11-2026", DAY),
        ("22.11.2026", DAY),
        ("11/22/2026", DAY),
        ("4/5/2026", datetime(2026, 5, 4, tzinfo=UTC)),
        ("الأحد ٢٢ تشرين الثاني/ نوفمبر ٢٠٢٦ - ٠٦:٢٥ مساءً", EVENING),
        ("الأحد، 22 نوفمبر 2026 06:25 مـ", EVENING),
        ("نُشر في: الأحد 22 نوفمبر 2026 - 18:25 بتوقيت غرينتش", EVENING),
        ("22 نوفمبر 2026 الساعة 9:25 مساء بتوقيت مكة المكرمة", EVENING),
        ("22 نوفمبر 2026 10:25 ليلا (بتوقيت الإمارات)", EVENING),
        ("آخر تحديث: 22/11/2026 | 18:25 GMT", EVENING),
        ("الساعة 6 مساء يوم 22 نونبر 2026", EVENING.replace(minute=0)),
        ("22 نوفمبر 2026 12:05 ص", DAY.replace(minute=5)),
        ("22 نوفمبر 2026 12:05 م", DAY.replace(hour=12, minute=5)),
        ("22 نوفمبر 2026 12:00 ظهرا", DAY.replace(hour=12)),
        ("22 نوفمبر 2026 1:00 بعد الظهر", DAY.replace(hour=13)),
        ("22 نوفمبر 2026 4:30 فجراً", DAY.replace(hour=4, minute=30)),
        ("22 نوفمبر 2026م 18:25 م", EVENING),
        ("18:25 2026/11/22", EVENING),
        ("\u200fالأحد\u00a022 نوفمبر 2026", DAY),
        ("22 نـوفـمـبـر 2026", DAY),
        ("3 مايس 2026", datetime(2026, 5, 3, tzinfo=UTC)),
    ],
)
def test_a_date_is_read_as_newsrooms_write_it(text: str, time: datetime) -> None:
    assert parse(text) == time


@pytest.mark.parametrize(
    "text",
    [
        "12 جمادى الآخرة 1448هـ الموافق 22 نوفمبر 2026م",
        "22 نوفمبر 2026 / 12 جمادى الآخرة 1448 هـ",
        "الأحد 12-6-1448 هـ - 22/11/2026 م",
        "1448/06/12 - 2026/11/22",
    ],
)
def test_beside_a_hijri_date_the_gregorian_one_is_read(text: str) -> None:
    assert parse(text) == DAY


@pytest.mark.parametrize(
    "text",
    [
        "12 جمادى الآخرة 1448",
        "12 جمادى الآخرة 1448هـ",
        "1448-06-12",
        "12/06/1448",
        "١٢ رجب ١٤٤٨ هـ 10:30",
        "الأحد 1 رمضان",
        "1448-06-12T10:00:00Z",
    ],
)
def test_a_hijri_date_is_not_misread(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "منذ ساعتين",
        "أمس",
        "2026",
        "نوفمبر 2026",
        "22 نوفمبر",
        "22/11/26",
        "31 فبراير 2026",
        "31/02/2026",
        "22/13/2026",
        "22 كانون 2026",
        "كانون الأول/ نوفمبر 5، 2026",
        "22 نوفمبر 2026 - 30 نوفمبر 2026",
        "22 نوفمبر 2026 كتبه أحمد",
        "22 نوفمبر 2026 25:00",
        "22 نوفمبر 2026 14:00 ص",
        "22 نوفمبر 2026 18:25 بتوقيت عمان",
        "20261122182500123",
        "9999-12-31T23:59:59-10:00",
        "0001-01-01T00:00:00+10:00",
        "22 نوفمبر 2026 " + " " * 300,
    ],
)
def test_what_is_not_wholly_understood_is_no_date(text: str) -> None:
    assert parse(text) is None


def test_a_time_without_zone_is_in_the_given_one() -> None:
    riyadh, cairo = ZoneInfo("Asia/Riyadh"), ZoneInfo("Africa/Cairo")

    assert parse("22 نوفمبر 2026 21:25", riyadh) == EVENING
    assert parse("2026-11-22", riyadh) == DAY - timedelta(hours=3)
    assert parse("2026-07-22 21:25", cairo) == datetime(2026, 7, 22, 18, 25, tzinfo=UTC)  # summer time
    assert parse("2026-11-22T18:25:00Z", riyadh) == EVENING


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("15 كانون 2 2026", "2026-01-15T00:00:00+00:00"),
        ("3 تشرين 1 2026", "2026-10-03T00:00:00+00:00"),
        ("9 ت2 2026", "2026-11-09T00:00:00+00:00"),
        ("12 ك1 2025 - 10:20", "2025-12-12T10:20:00+00:00"),
        ("ثلاثاء 27 يناير 2026", "2026-01-27T00:00:00+00:00"),
        ("آخر تحديث: 16 أغسطس 2026 10:20 ( مكة المكرمة )", "2026-08-16T07:20:00+00:00"),
    ],
)
def test_numbered_months_weekdays_without_article_and_spaced_zones_are_read(text: str, day: str) -> None:
    found = parse(text)

    assert found
    assert found.isoformat() == day


@given(st.from_regex(dates._RFC_3339, fullmatch=True), st.sampled_from([UTC, ZoneInfo("Asia/Riyadh")]))
def test_a_time_of_rfc_3339_is_read_at_sight_as_it_is_at_length(text: str, zone: tzinfo) -> None:
    assert parse(text, zone) == dates._parsed(text, zone)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("22 نوفمبر 2026 20:25 بتوقيت القاهرة", EVENING),
        ("22 نوفمبر 2026 - 21:25 بتوقيت بغداد", EVENING),
        ("November 22, 2026 at 9:25 PM GMT+3", EVENING),
        ("Sun Nov 22 2026 21:25:00 GMT+0300 (Arabian Standard Time)", EVENING),
        ("Sun Nov 22 18:25:00 +0000 2026", EVENING),
        ("2026-11-22 18:25:00 +0000 UTC", EVENING),
        ("2026-11-22T21:25:00+03:00[Asia/Riyadh]", EVENING),
        ("Sun, 22 Nov 26 18:25:00 GMT", EVENING),
        ("Sun, 22 Nov 2026 20:25:00 EET", EVENING),
        ("Sun, 22 Nov 2026 18:25:00 AST", EVENING),
        ("الأحد, 22 نوفمبر 2026 21:25:00 +0300", EVENING),
        ("20261122182500", EVENING),
        ("1795371900.0", EVENING),
        ("1795371900000000", EVENING),
        ("/Date(1795371900000+0300)/", EVENING),
        ("dimanche 22 novembre 2026 à 18h25", EVENING),
        ("Last updated: November 22nd, 2026 6:25 PM", EVENING),
        ("تم النشر في 22 نوفمبر 2026 18:25", EVENING),
        ("الأحد ٢٢ / ١١ / ٢٠٢٦", DAY),
        ("22 تشرين الثاني نوفمبر 2026", DAY),
        ("22 من نوفمبر 2026", DAY),
        ("&nbsp;22 نوفمبر 2026", DAY),
        ("21 نوفمبر 2026 24:00", DAY),
        ("2026-11-21T24:00:00Z", DAY),
    ],
)
def test_a_date_is_read_as_feeds_and_programs_write_it(text: str, time: datetime) -> None:
    assert parse(text) == time


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("منذ 3 ساعات", "22T15:25"),
        ("منذ ٣ ساعات", "22T15:25"),
        ("نُشر قبل ساعتين", "22T16:25"),
        ("آخر تحديث: منذ 15 دقيقة", "22T18:10"),
        ("منذ ساعة و 20 دقيقة", "22T17:05"),
        ("قبل يومين", "20T18:25"),
        ("منذ أسبوع", "15T18:25"),
        ("منذ لحظات", "22T18:25"),
        ("3 hours ago", "22T15:25"),
        ("il y a 3 heures", "22T15:25"),
        ("اليوم 11:20 ص", "22T08:20"),
        ("أمس 05:30 م", "21T14:30"),
    ],
)
def test_words_that_count_back_are_read_from_the_time_of_the_fetch(text: str, time: str) -> None:
    found = parse(text, ZoneInfo("Asia/Riyadh"), fetched_at=EVENING)

    assert found is not None
    assert found.isoformat() == f"2026-11-{time}:00+00:00"


@pytest.mark.parametrize("text", ["منذ 3 أشهر", "منذ سنة", "منذ 2011", "قبل الظهر", "3 ساعات", "اليوم", "ساعة", "منذ زمن"])
def test_words_that_name_no_day_are_no_date(text: str) -> None:
    assert parse(text, fetched_at=EVENING) is None
