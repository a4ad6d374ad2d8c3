"""Invented stories, read from `stories.txt`, and dates as newsrooms spell them."""

from __future__ import annotations

import dataclasses
import datetime
import re
from pathlib import Path

_KINDS = {"-": "p", "##": "h", ">": "q", "*": "li", "|": "row"}
_MONTHS = {"egypt": "نوفمبر", "levant": "تشرين الثاني", "maghreb": "نونبر", "both": "نوفمبر / تشرين الثاني", "short": "نوفمبر"}
_DAYS = ("الإثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت", "الأحد")


@dataclasses.dataclass(frozen=True)
class Part:
    """A paragraph (p), subhead (h), quotation (q), list item (li) or row of a table (row)."""

    kind: str
    text: str


@dataclasses.dataclass(frozen=True)
class Story:
    """One story; `when` is when it was published, `changed` when it was last changed, both UTC."""

    slug: str
    title: str
    lead: str
    author: str
    section: str
    tags: tuple[str, ...]
    when: datetime.datetime
    parts: tuple[Part, ...]

    @property
    def changed(self) -> datetime.datetime:
        return self.when + datetime.timedelta(minutes=95)

    @property
    def text(self) -> str:
        """The story in one paragraph, as linked data has it."""
        return " ".join(part.text for part in self.parts if part.kind != "row")


def spelled(moment: datetime.datetime, form: str, months: str) -> str:
    """Return a time in a form of strftime, where %B is the month as the region calls it, %A the day, %p morning or evening."""
    half = "ص" if moment.hour < 12 else "م"
    form = form.replace("%B", _MONTHS[months]).replace("%A", _DAYS[moment.weekday()]).replace("%p", half)
    return moment.strftime(form)


def _read(text: str) -> tuple[Story, ...]:
    found = []
    for block in re.split(r"^=== ", text, flags=re.MULTILINE)[1:]:
        slug, *lines = block.strip().split("\n")
        heads = dict(line.split(": ", 1) for line in lines[:6])
        parts = tuple(Part(_KINDS[mark], rest) for mark, _, rest in (line.partition(" ") for line in lines[6:]))
        when = datetime.datetime.fromisoformat(heads["when"]).replace(tzinfo=datetime.UTC)
        tags = tuple(heads["tags"].split("، "))
        found.append(Story(slug, heads["title"], heads["lead"], heads["author"], heads["section"], tags, when, parts))
    return tuple(found)


STORIES = _read((Path(__file__).parent / "stories.txt").read_text(encoding="utf-8"))
