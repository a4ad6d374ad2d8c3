"""Words, numbers, dates and ages in the reader's language and digits. Pure."""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from datetime import datetime, time, timedelta, tzinfo
from importlib import resources
from typing import Any, Final, Literal

Language = Literal["ar", "en"]
Digits = Literal["latn", "arab"]
_ARABIC_DIGITS: Final = str.maketrans("0123456789,.%", "٠١٢٣٤٥٦٧٨٩٬٫٪")


@dataclasses.dataclass(frozen=True, slots=True)
class Wording:
    """How one reader is spoken to."""

    language: Language
    digits: Digits
    zone: tzinfo

    @property
    def direction(self) -> str:
        """The direction of the interface."""
        return "rtl" if self.language == "ar" else "ltr"

    @property
    def bcp47(self) -> str:
        """The language tag with its digits, as scripts format with."""
        return f"{self.language}-u-nu-{self.digits}"

    def text(self, key: str, **fields: object) -> str:
        """Returns the words of a key; raises KeyError for an unknown one."""
        text: str = texts()[self.language][key]
        return text.format(**fields) if fields else text

    def or_itself(self, key: str, fallback: str) -> str:
        """Returns the words of a key, or the fallback where there are none: for values that a newer worker may have made."""
        text: str = texts()[self.language].get(key, fallback)
        return text

    def number(self, value: float, decimals: int | None = None) -> str:
        """Returns a number with its thousands apart; with so many decimals, or at most two where it has a fraction."""
        if decimals is None:
            text = f"{value:,.2f}".rstrip("0").rstrip(".") if value != int(value) else f"{int(value):,}"
        else:
            text = f"{value:,.{decimals}f}"
        return self.shaped(text)

    def share(self, value: float) -> str:
        """Returns a share from 0 to 1 as a percentage."""
        return self.shaped(f"{round(value * 100)}%")

    def shaped(self, text: str) -> str:
        """Returns the text in the reader's digits."""
        return text.translate(_ARABIC_DIGITS) if self.digits == "arab" else text

    def plural(self, what: str, count: int) -> str:
        """Returns a count and its noun, in the form that the language has for that count."""
        forms = texts()[self.language]["plural"][what]
        form = forms.get(plural_category(self.language, count), forms["other"])
        return str(form).format(n=self.number(count))

    def day(self, when: str) -> str:
        """Returns the day of an RFC 3339 time, in words."""
        at = self._at(when)
        month = texts()[self.language]["months"][at.month - 1]
        return self.shaped(f"{at.day} {month} {at.year}")

    def moment(self, when: str) -> str:
        """Returns the day and minute of an RFC 3339 time; the day alone for midnight in UTC, as of pages without a time."""
        at = self._at(when)
        if datetime.fromisoformat(when).strftime("%H:%M:%S") == "00:00:00":
            return self.shaped(f"{datetime.fromisoformat(when).day} {self._month(datetime.fromisoformat(when))}")
        comma = "، " if self.language == "ar" else ", "
        return self.shaped(f"{at.day} {self._month(at)}{comma}{at:%H:%M}")

    def span(self, since: str, until: str) -> str:
        """Returns the days from one RFC 3339 time to before another: the last day where both are midnights in UTC."""
        begin, end = map(datetime.fromisoformat, (since, until))
        if begin.time() == end.time() == time():
            last = (end - timedelta(days=1)).isoformat()
            return self.moment(since) if begin.isoformat() == last else f"{self.moment(since)} – {self.moment(last)}"
        return f"{self.moment(since)} – {self.moment(until)}"

    def age(self, seconds: float) -> str:
        """Returns a length of time in its largest unit."""
        for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
            if seconds >= length:
                return self.plural(unit, int(seconds // length))
        return self.plural("s", int(seconds))

    def _at(self, when: str) -> datetime:
        return datetime.fromisoformat(when).astimezone(self.zone)

    def _month(self, at: datetime) -> str:
        return f"{texts()[self.language]['months'][at.month - 1]} {at.year}"


@functools.cache
def texts() -> dict[str, dict[str, Any]]:
    """Returns the words of both languages."""
    file = resources.files("deploy.console.views").joinpath("texts.toml")
    return tomllib.loads(file.read_text(encoding="utf-8"))


def plural_category(language: Language, count: int) -> str:
    """Returns the plural category of CLDR for a count."""
    if language == "en":
        return "one" if count == 1 else "other"
    if count in (0, 1, 2):
        return ("zero", "one", "two")[count]
    hundredth = count % 100
    if 3 <= hundredth <= 10:
        return "few"
    return "many" if hundredth >= 11 else "other"
