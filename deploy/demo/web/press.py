"""What the invented sites of a demonstration have published: stories one after another, and bulletins without end."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

STORIES = Path(__file__).with_name("stories.jsonl")
LISTED = 20  # items of a feed, as most sites have


@dataclasses.dataclass(frozen=True, slots=True)
class Site:
    """One invented site: its name in addresses, what it calls itself, and how it writes its pages (see `pages.py`)."""

    name: str
    title: str
    layout: str


SITES = {
    site.name: site
    for site in (
        Site("sahel", "ساحل اليوم", "linked_data"),
        Site("jabal", "أخبار الجبل", "paragraphs"),
        Site("bawaba", "بوابة المدن", "line_breaks"),
    )
}


@dataclasses.dataclass(frozen=True, slots=True)
class Story:
    """A story as a site has it; `path` is its address below the site's, `text` has a blank line between paragraphs."""

    site: str
    path: str
    title: str
    text: str
    section: str
    author: str
    published: datetime
    modified: datetime | None = None


class Press:
    """The stories that are out, oldest first; `publish` brings the next one out."""

    def __init__(self) -> None:
        self._stories: dict[str, Story] = {}
        self._coming = _coming()

    def publish(self, now: datetime) -> Story:
        """Brings out the next story, or the correction of one that is out, and gives it back."""
        wanted = next(self._coming)
        if known := wanted.get("corrects"):
            story = dataclasses.replace(self._stories[known], title=wanted["title"], text=wanted["text"], modified=now)
        elif known := wanted.get("copy_of"):
            story = dataclasses.replace(self._stories[known], site=wanted["site"], path=wanted["path"], published=now)
        else:
            story = Story(published=now, modified=None, **wanted)
        self._stories[f"{story.site}/{story.path}"] = story
        return story

    def story(self, site: str, path: str) -> Story | None:
        """Gives the story at this address; None when none is."""
        return self._stories.get(f"{site}/{path}")

    def newest(self, site: str) -> list[Story]:
        """Gives the stories that the site's feed lists, newest first."""
        its = [story for story in self._stories.values() if story.site == site]
        return its[: -LISTED - 1 : -1]


def _coming() -> Iterator[dict[str, str]]:
    """Gives what comes out: the invented stories, then a bulletin of the harbour for ever, with other numbers each time."""
    for line in STORIES.read_text(encoding="utf-8").splitlines():
        yield json.loads(line)
    for number in itertools.count(1):
        ships, tonnes, wind = 3 + number * 7 % 23, 1_200 + number * 431 % 7_000, 5 + number * 5 % 31
        yield {
            "site": "sahel",
            "path": f"harbour/{number}",
            "section": "اقتصاد",
            "author": "غرفة الأخبار",
            "title": f"حركة ميناء الياسمين، النشرة {number}: رست {ships} سفن وأفرغ {tonnes} طن",
            "text": f"رست في ميناء الياسمين {ships} سفن منذ النشرة السابقة، وأفرغت على أرصفته {tonnes} طن من البضائع، "
            f"وفق النشرة رقم {number} التي أصدرتها هيئة الموانئ.\n\n"
            f"وبلغت سرعة الرياح عند المدخل {wind} عقدة، وأوصت الهيئة القوارب الصغيرة بالبقاء داخل كاسر الأمواج.",
        }
