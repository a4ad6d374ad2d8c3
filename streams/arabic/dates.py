"""Dates as news sites write them, to times in UTC: nothing is guessed, what is not wholly understood is no date.

Read are ISO 8601, RFC 2822, seconds and parts of seconds since 1970, and days in words or numbers with an optional time: in any
digits, with the month's Levantine, Egyptian and Gulf, Maghrebi, English or French name, or two of them (`كانون الأول/ ديسمبر`).
Words that count back from the fetch (`منذ 3 ساعات`) are read where its time is given (`relative_dates.py`).
Numbers are read day first, as the Arab press writes them, unless the second of them can only be a day. A date of the
Hijri calendar is recognised and left out: its day depends on who saw the moon.
"""

from __future__ import annotations

import email.utils
import html
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from streams.arabic import relative_dates
from streams.arabic.folding import SAME_LETTER, fold

_MONTHS = (
    "يناير جانفي كانون_الثاني كانون_ثاني كانون_2 ك2 january jan janvier",
    "فبراير فيفري شباط february feb fevrier",
    "مارس اذار march mar mars",
    "ابريل أفريل نيسان april apr avril",
    "مايو ماي مايس ايار may mai",
    "يونيو يونيه جوان حزيران june jun juin",
    "يوليو يوليه يوليوز جويلية تموز july jul juillet",
    "أغسطس اغشت غشت أوت آب august aug aout",
    "سبتمبر شتنبر شتمبر أيلول september sept sep septembre",
    "أكتوبر تشرين_الأول تشرين_أول تشرين_1 ت1 october oct octobre",
    "نوفمبر نونبر تشرين_الثاني تشرين_ثاني تشرين_2 ت2 november nov novembre",
    "ديسمبر دجنبر دجمبر كانون_الأول كانون_أول كانون_1 ك1 december dec decembre",
)
_HIJRI_MONTHS = (
    "محرم صفر ربيع_الأول ربيع_أول ربيع_الآخر ربيع_الثاني ربيع_آخر ربيع_ثاني جمادى_الأولى جمادى_الأول جمادى_الآخرة جمادى_الآخر "
    "جمادى_الثانية جمادى_الثاني رجب شعبان رمضان شوال ذو_القعدة ذي_القعدة ذو_الحجة ذي_الحجة"
)
_MORNING = "صباحا قبل_الظهر فجرا am a.m. a.m"
_AFTERNOON = "مساء بعد_الظهر عصرا pm p.m. p.m"
_NOON, _NIGHT = "ظهرا", "ليلا"
# Places and abbreviations of one meaning. `AST` and `IST` have several, and `عمان` names two capitals: not understood.
_ZONES = {
    "utc gmt ut z غرينتش جرينتش غرينيتش جرينيتش": "UTC",
    "السعودية مكة مكة_المكرمة الرياض ksa": "Asia/Riyadh",
    "الإمارات أبوظبي أبو_ظبي دبي مسقط": "Asia/Dubai",
    "القاهرة مصر": "Africa/Cairo",
    "بيروت لبنان": "Asia/Beirut",
    "بغداد العراق": "Asia/Baghdad",
    "دمشق سوريا": "Asia/Damascus",
    "القدس فلسطين غزة": "Asia/Hebron",
    "الكويت الدوحة قطر المنامة البحرين صنعاء اليمن": "Asia/Qatar",
    "الخرطوم السودان": "Africa/Khartoum",
    "طرابلس ليبيا": "Africa/Tripoli",
    "تونس": "Africa/Tunis",
    "الجزائر": "Africa/Algiers",
    "الرباط المغرب": "Africa/Casablanca",
    "لندن": "Europe/London",
    "باريس": "Europe/Paris",
    "موسكو msk": "Europe/Moscow",
    "إسطنبول تركيا": "Europe/Istanbul",
    "نيويورك واشنطن": "America/New_York",
    "eet": "+2",
    "eest": "+3",
    "cet wat": "+1",
    "cest": "+2",
}
_IGNORED = (
    "السبت الأحد الاثنين الإثنين الثلاثاء الثلثاء الأربعاء الخميس الجمعة"
    " سبت أحد اثنين إثنين ثلاثاء أربعاء خميس جمعة يوم الموافق بتاريخ تاريخ نشر نشرت تم في الساعة عند على تمام "
    "آخر_تحديث تحديث آخر_تعديل تعديل أضيف_في النشر تاريخ_النشر التوقيت_المحلي بالتوقيت_المحلي شهر سنة عام من "
    "saturday sunday monday tuesday wednesday thursday friday sat sun mon tue tues wed thu thur thurs fri at on of the "
    "published posted updated last modified date time lundi mardi mercredi jeudi vendredi samedi dimanche le a publie"
)


def _fold(name: str) -> str:
    return " ".join(fold(part) if part.isalpha() else part for part in name.split("_"))


def _any(names: str) -> str:
    """Returns a pattern of these folded names, the longest first, not inside a longer word."""
    folded = sorted({_fold(name) for name in names.split()}, key=lambda name: (-len(name), name))
    return r"(?<![^\W\d_])(?:" + "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in folded) + r")(?![^\W\d_])"


_MONTH_OF = {_fold(name): number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_ZONE_OF = {_fold(name): zone for names, zone in _ZONES.items() for name in names.split()}
_MONTH = _any(" ".join(_MONTHS))
_YEAR = r"(?P<year>\d{4})(?!\d)(?:\s*(?:م|ميلادي|ميلاديه)(?!\w))?"
_DAY = r"(?<!\d)(?P<day>\d{1,2})(?!\d)"
_TWO_NAMES = rf"(?P<month>{_MONTH})(?:\s*[/|\\(-]?\s*(?P<again>{_MONTH})\s*\)?)?"
_GAP = r"[\s,،./-]*"

_ZONE = rf"(?:بتوقيت\s+)?(?P<zone>{_any(' '.join(_ZONES))})"
_TIME = re.compile(
    r"(?<![\d:.])(?P<hour>\d{1,2})(?::(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?(?![\d:])"
    rf"(?:\s*(?P<half>{_any(' '.join((_MORNING, _AFTERNOON, _NOON, _NIGHT, 'ص م')))}))?"
    rf"|\s*(?P<only>{_any(' '.join((_MORNING, _AFTERNOON, _NOON, _NIGHT)))}))"
    rf"(?:\s*\(?\s*{_ZONE}\s*\)?)?(?:\s*(?P<offset>[+-]\d{{2}}:?\d{{2}}|(?<=gmt|utc)[+-]\d{{1,2}})(?![\d:])(?:\s*(?:gmt|utc|z)\b)?)?"
)
_DATES = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?<!\d)(?P<year>\d{4})(?P<sign>[-/.])(?P<month>\d{1,2})(?P=sign)(?P<day>\d{1,2})(?!\d)t?",
        rf"{_DAY}{_GAP}(?:من\s+)?{_TWO_NAMES}{_GAP}{_YEAR}",
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
    r"(?:[A-Za-z]{3},?\s+)?\d{1,2}\s+[A-Za-z]{3}\s+(?:\d{4}|\d{2})\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s+(?:[+-]\d{4}|(?P<zone>[A-Z]{1,4})))?"
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
# Seconds since 1970, or thousandths or millionths of them, as numbers and as .NET writes them.
_EPOCH = re.compile(r"(?:/date\()?(?P<digits>\d{10}(?:\d{3}){0,2})(?:\.\d+)?(?:[+-]\d{4})?(?:\)/)?", re.ASCII)
_COMPACT = re.compile(r"^(\d{8})(\d{6})$", re.ASCII)
_SPELLINGS = (
    (re.compile(r"\[[a-z_/]+\]$|\([a-z' ]+ time\)$"), ""),  # the name of a zone behind its offset: Java, JavaScript
    (re.compile(r"(?<=\d)(?:st|nd|rd|th|er)(?!\w)"), ""),
    (re.compile(r"(?<=\d)h(?=\d\d(?!\d))"), ":"),
    (re.compile(r"(?<![\d:])(\d{1,2})\s*([-/.])\s*(\d{1,2})\s*\2\s*(\d{4})(?!\d)"), r"\1\2\3\2\4"),
)
_LETTERS = str.maketrans(
    {ord(char): letter for char, letter in SAME_LETTER.items()}
    | dict.fromkeys(_INVISIBLE, "")
    | {ord(char): letter for char, letter in zip("éèêûùàâç", "eeeuuaac", strict=True)}
    | {zero + digit: str(digit) for zero in (0x660, 0x6F0) for digit in range(10)}
)
_RFC_3339 = re.compile(r"(?a)\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:[Zz]|[+-]\d\d:\d\d)?")
_SEVERAL_ZONES = ("AST", "IST", "CST")  # Arabia and the Atlantic, India and Israel, China and Chicago
_LONGEST = 200  # characters; no date is longer, and a text put in a date's place is not searched


def parse(text: str, zone: tzinfo = UTC, *, fetched_at: datetime | None = None) -> datetime | None:
    """Returns the time in UTC that `text` names, or None.

    A time without zone is in `zone`, a day without time starts there. `fetched_at` is the time that words such as `منذ 3 ساعات`
    and `أمس` count from; without it they are no date.

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
    return _parsed(text, zone, fetched_at)


def _parsed(text: str, zone: tzinfo, fetched_at: datetime | None = None) -> datetime | None:
    text = html.unescape(text) if "&" in text else text
    plain = unicodedata.normalize("NFKC", text).translate(_LETTERS).lower().strip()
    for spelling, usual in _SPELLINGS:
        plain = spelling.sub(usual, plain)
    try:
        found = _since_1970(plain) or _standard(plain, text.strip()) or _written(plain)
        if found is None and fetched_at is not None:
            found = relative_dates.parse(plain, zone, fetched_at)
        if found is None or found.year < 1600:  # below is a Hijri year, or none
            return None
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # a day that is in no calendar, or a zone that moves it out of it
        return None


def _since_1970(plain: str) -> datetime | None:
    found = _EPOCH.fullmatch(plain)
    if not found:
        return None
    return datetime.fromtimestamp(int(found["digits"]) / 10 ** (len(found["digits"]) - 10), UTC)


def _standard(plain: str, text: str) -> datetime | None:
    if plain[:4].isdigit():
        try:
            return datetime.fromisoformat(_COMPACT.sub(r"\1T\2", plain).upper())
        except ValueError:
            return None
    if known := _RFC_2822.fullmatch(text):
        found = email.utils.parsedate_to_datetime(text)
        if known["zone"] in _SEVERAL_ZONES:
            return found.replace(tzinfo=None)
        if known["zone"] and known["zone"].lower() in _ZONE_OF:
            return found.replace(tzinfo=_zone(known["zone"].lower()))
        return found.replace(tzinfo=UTC) if text.endswith("-0000") else found
    return None


def _written(plain: str) -> datetime | None:
    """Returns the date that is written in words or numbers, with a time or without; None unless every word is understood."""
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
    if hour == 24 and not int(time["minute"] or 0):
        day, hour = day + timedelta(days=1), 0
    found = day.replace(hour=hour, minute=int(time["minute"] or 0), second=int(time["second"] or 0))
    if time["offset"]:
        sign, digits = time["offset"][0], time["offset"][1:].replace(":", "")
        offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
        return found.replace(tzinfo=timezone(-offset if sign == "-" else offset))
    if time["zone"]:
        return found.replace(tzinfo=_zone(" ".join(time["zone"].split())))
    return found


def _zone(name: str) -> tzinfo:
    zone = _ZONE_OF[name]
    return timezone(timedelta(hours=int(zone))) if zone.startswith("+") else ZoneInfo(zone)


def _names(names: str) -> set[str]:
    return {_fold(name) for name in names.split()}
