"""Invented pages for the tests of the moving parts: stories, copies, appended stories and updates, the same for a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from streams.identity import page_id
from streams.records import Page

LETTERS = "بتثجحخدذرزسشصضطظعغفقكلمنهوي"
MARKER = "إقرأ أيضاً"


def _vocabulary(size: int) -> list[str]:
    chance = random.Random(0)
    return ["".join(chance.choices(LETTERS, k=chance.randint(3, 7))) for _ in range(size)]


# Words of no language, enough of them that two stories share three in a row by nothing but copying.
WORDS = _vocabulary(5_000)


def story(number: int) -> tuple[str, str]:
    """Title and body of an invented story of 70 to 220 words; its sentences come back to the words of its title, as news do."""
    chance = random.Random(number)
    title = chance.choices(WORDS, k=7)
    sentences = [
        " ".join(chance.sample(title, 4) + chance.choices(WORDS, k=chance.randint(6, 16))) + "."
        for _ in range(chance.randint(7, 11))
    ]
    return " ".join(title), "\n".join(sentences)


def pages(count: int, seed: int = 1) -> Iterator[Page]:
    """Pages of twelve sites: new stories, copies of earlier ones, stories appended to others, pages that come again changed."""
    chance = random.Random(seed)
    for number in range(count):
        drawn = chance.random()
        url = f"https://site{chance.randrange(12)}.example/{number}"
        told = number
        if number and drawn < 0.2:
            told = chance.randrange(number)  # a copy on another page
        elif number and drawn < 0.3:
            url = f"https://site{number % 12}.example/updated/{number % 400}"  # one of four hundred pages that change
        title, body = story(told)
        if chance.random() < 0.3:
            other_title, other_body = story(1_000_000 + chance.randrange(25))
            body = f"{body}\n{MARKER}:\n{other_title}\n{other_body}"
        yield Page(
            id=page_id(url, "site", title, body),
            source="site",
            url=url,
            title=title,
            text=body,
            fetched_at=f"2026-11-{1 + number % 20:02d}T{number % 24:02d}:{number % 60:02d}:00Z",
            published_at=f"2026-11-{1 + number % 20:02d}T{number % 24:02d}:00:00Z",
        )
