"""Dates as news sites write them, to times in UTC: nothing is guessed, what is not wholly understood is no date.

Read are ISO 8601, RFC 2822, seconds or milliseconds since 1970, and days in words or numbers with an optional time: in any
digits, with the month's Levantine, Egyptian and Gulf, Maghrebi or English name, or two of them (`كانون الأول/ ديسمبر`).
Numbers are read day first, as the Arab press writes them, unless the second of them can only be a day. A date of the
Hijri calendar is recognised and left out: its day depends on who saw the moon.
"""

from __future__ import annotations

import email.utils
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo

from streams.arabic.folding import SAME_LETTER, fold

_MONTHS = (
    "يناير جانفي كانون_الثاني كانون_ثاني كانون_2 ك2 january jan",
    "فبراير فيفري شباط february feb",
    "مارس اذار march mar",
    "ابريل أفريل نيسان april apr",
    "مايو ماي مايس ايار may",
    "يونيو يونيه جوان حزيران june jun",
    "يوليو يوليه يوليوز جويلية تموز july jul",
    "أغسطس اغشت غشت أوت آب august aug",
    "سبتمبر شتنبر شتمبر أيلول september sept sep",
    "أكتوبر تشرين_الأول تشرين_أول تشرين_1 ت1 october oct",
    "نوفمبر نونبر تشرين_الثاني تشرين_ثاني تشرين_2 ت2 november nov",
    "ديسمبر دجنبر دجمبر كانون_الأول كانون_أول كانون_1 ك1 december dec",
)
_HIJRI_MONTHS = (
    "محرم صفر ربيع_الأول ربيع_أول ربيع_الآخر ربيع_الثاني ربيع_آخر ربيع_ثاني جمادى_الأولى جمادى_الأول جمادى_الآخرة جمادى_الآخر "
    "جمادى_الثانية جمادى_الثاني رجب شعبان رمضان شوال ذو_القعدة ذي_القعدة ذو_الحجة ذي_الحجة"
)
_MORNING = "صباحا قبل_الظهر فجرا am a.m. a.m"
_AFTERNOON = "مساء بعد_الظهر عصرا pm p.m. p.m"
_NOON, _NIGHT = "ظهرا", "ليلا"
# Zones without summer time; `بتوقيت` and another place is not understood.
_ZONES = {"utc gmt z غرينتش جرينتش غرينيتش جرينيتش": 0, "السعودية مكة مكة_المكرمة الرياض": 3, "الإمارات أبوظبي أبو_ظبي دبي": 4}
_IGNORED = (
    "السبت الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة"
    " سبت أحد اثنين إثنين ثلاثاء أربعاء خميس جمعة يوم الموافق بتاريخ تاريخ نشر نشرت في الساعة عند على تمام "
    "آخر_تحديث تحديث النشر تاريخ_النشر التوقيت_المحلي بالتوقيت_المحلي شهر سنة عام من "
    "saturday sunday monday tuesday wednesday thursday friday sat sun mon tue tues wed thu thur thurs fri at on of"
)


def _fold(name: str) -> str:
    return " ".join(fold(part) if part.isalpha() else part for part in name.split("_"))


def _any(names: str) -> str:
    """A pattern of these folded names, the longest first, not inside a longer word."""
    folded = sorted({_fold(name) for name in names.split()}, key=lambda name: (-len(name), name))
    return r"(?<![^\W\d_])(?:" + "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in folded) + r")(?![^\W\d_])"


_MONTH_OF = {_fold(name): number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_ZONE_OF = {_fold(name): hours for names, hours in _ZONES.items() for name in names.split()}
_MONTH = _any(" ".join(_MONTHS))
_YEAR = r"(?P<year>\d{4})(?!\d)(?:\s*(?:م|ميلادي|ميلاديه)(?!\w))?"
_DAY = r"(?<!\d)(?P<day>\d{1,2})(?!\d)"
_TWO_NAMES = rf"(?P<month>{_MONTH})(?:\s*[/|\\(-]\s*(?P<again>{_MONTH})\s*\)?)?"
_GAP = r"[\s,،./-]*"

_ZONE = rf"(?:بتوقيت\s+)?(?P<zone>{_any(' '.join(_ZONES))})"
_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?(?![\d:])"
    rf"(?:\s*(?P<half>{_any(' '.join((_MORNING, _AFTERNOON, _NOON, _NIGHT, 'ص م')))}))?"
    rf"|\s*(?P<only>{_any(' '.join((_MORNING, _AFTERNOON, _NOON, _NIGHT)))}))"
    rf"(?:\s*\(?\s*{_ZONE}\s*\)?)?(?:\s*(?P<offset>[+-]\d{{2}}:?\d{{2}})(?!\d))?"
)
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d)t?",
        rf"{_DAY}{_GAP}{_TWO_NAMES}{_GAP}{_YEAR}",
        rf"{_TWO_NAMES}{_GAP}{_DAY}{_GAP}{_YEAR}",
        rf"(?<!\d)(?P<year>\d{{4}}){_GAP}{_TWO_NAMES}{_GAP}{_DAY}",
    )
)
_NUMBERS = re.compile(r"(?<!\d)(?P<first>\d{1,2})(?P<sign>[-/.])(?P<second>\d{1,2})(?P=sign)" + _YEAR)
_HIJRI = re.compile(
    rf"(?:(?<!\d)\d{{1,2}}(?:\s+من)?\s*)?{_any(_HIJRI_MONTHS)}{_GAP}(?:1[345]\d\d(?!\d))?(?:\s*(?:ه|هجري|هجريه)(?!\w))?"
    r"|(?<!\d)\d{1,2}([-/.])\d{1,2}\1(?:1[345]\d\d(?!\d)(?:\s*(?:ه|هجري|هجريه)(?!\w))?)"
    r"|(?<!\d)1[345]\d\d([-/.])\d{1,2}\2\d{1,2}(?!\d)(?:\s*(?:ه|هجري|هجريه)(?!\w))?"
)
_NOTHING = re.compile(rf"{_any(_IGNORED)}|[\s,،؛;:.|/()\[\]–—•·-]+")
_RFC_2822 = re.compile(
    r"(?:[A-Za-z]{3},?\s+)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s+(?:[+-]\d{4}|[A-Z]{1,4}))?"
)
_INVISIBLE = (
    0x640,
    0x61C,
    *range(0x64B, 0x660),
    0x670,
    *range(0x200B, 0x2010),
    *range(0x202A, 0x202F),
    *range(0x2066, 0x206A),
    0xFEFF,
)
_LETTERS = str.maketrans(
    {ord(char): letter for char, letter in SAME_LETTER.items()}
    | dict.fromkeys(_INVISIBLE, "")
    | {zero + digit: str(digit) for zero in (0x660, 0x6F0) for digit in range(10)}
)
_RFC_3339 = re.compile(r"(?a)\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)?")
_LONGEST = 200  # characters; no date is longer, and a text put in a date's place is not searched


def parse(text: str, zone: tzinfo = UTC) -> datetime | None:
    """The time in UTC that `text` names, or None; a time without zone is in `zone`, a day without time starts there.

    >>> parse("الأحد ٢٢ تشرين الثاني/ نوفمبر ٢٠٢٦ - ٠٦:٢٥ مساءً").isoformat()
    '2026-11-22T18:25:00+00:00'
    """
    if len(text) > _LONGEST:
        return None
    if _RFC_3339.fullmatch(text) and text >= "1600":  # nearly every time of a record; below is a Hijri year, or none
        try:
            found = datetime.fromisoformat(text.upper())
            return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
        except (ValueError, OverflowError):
            pass  # a day that is in no calendar, for the slower look to refuse
    return _parsed(text, zone)


def _parsed(text: str, zone: tzinfo) -> datetime | None:
    plain = unicodedata.normalize("NFKC", text).translate(_LETTERS).lower().strip()
    try:
        found = _since_1970(plain) or _standard(plain, text.strip()) or _written(plain)
        if found is None or found.year < 1600:  # below is a Hijri year, or none
            return None
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # a day that is in no calendar, or a zone that moves it out of it
        return None


def _since_1970(plain: str) -> datetime | None:
    if not plain.isascii() or not plain.isdigit() or len(plain) not in (10, 13):
        return None
    return datetime.fromtimestamp(int(plain) / (1000 if len(plain) == 13 else 1), UTC)


def _standard(plain: str, text: str) -> datetime | None:
    if plain[:4].isdigit():
        try:
            return datetime.fromisoformat(plain.upper())
        except ValueError:
            return None
    if _RFC_2822.fullmatch(text):
        found = email.utils.parsedate_to_datetime(text)
        return found.replace(tzinfo=UTC) if text.endswith("-0000") else found
    return None


def _written(plain: str) -> datetime | None:
    """A date in words or numbers, with a time or without; None unless every word of it is understood."""
    rest = _HIJRI.sub(" ", plain)
    time = _TIME.search(rest)
    if time:
        rest = f"{rest[: time.start()]} {rest[time.end() :]}"
    for pattern in (*_DATES, _NUMBERS):
        date = pattern.search(rest)
        if date:
            rest = f"{rest[: date.start()]} {rest[date.end() :]}"
            break
    else:
        return None
    if _NOTHING.sub("", rest):
        return None
    found = _midnight(date)
    return _at(found, time) if time and found else found


def _midnight(date: re.Match[str]) -> datetime | None:
    fields = date.groupdict()
    if "first" in fields:
        first, second = int(fields["first"]), int(fields["second"])
        day, month = (second, first) if second > 12 else (first, second)
        return datetime(int(fields["year"]), month, day)  # noqa: DTZ001 - its zone comes with the time, or from the caller
    month = _number_of(fields["month"])
    if fields.get("again") and _number_of(fields["again"]) != month:
        return None
    return datetime(int(fields["year"]), month, int(fields["day"]))  # noqa: DTZ001


def _number_of(month: str) -> int:
    return int(month) if month.isdigit() else _MONTH_OF[" ".join(month.split())]


def _at(day: datetime, time: re.Match[str]) -> datetime | None:
    hour, half = int(time["hour"]), " ".join((time["half"] or time["only"] or "").split())
    if half:
        morning = half == "ص" or half in _names(_MORNING) or (half == _NIGHT and (hour < 6 or hour == 12))
        if half == _NOON and hour in (10, 11):
            morning = True
        if morning and hour > 12:
            return None
        hour = hour % 12 if morning else hour if hour >= 12 else hour + 12
    found = day.replace(hour=hour, minute=int(time["minute"] or 0), second=int(time["second"] or 0))
    if time["offset"]:
        sign, digits = time["offset"][0], time["offset"][1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        return found.replace(tzinfo=timezone(-offset if sign == "-" else offset))
    if time["zone"]:
        return found.replace(tzinfo=timezone(timedelta(hours=_ZONE_OF[" ".join(time["zone"].split())])))
    return found


def _names(names: str) -> set[str]:
    return {_fold(name) for name in names.split()}
