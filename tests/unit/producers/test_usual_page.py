"""The quick look at usual fields and the thorough look give the same page, for whatever fields."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers import page_fields
from producers.field_names import ALIASES, renamed
from producers.page_fields import encode
from producers.usual_page import usual_page
from producers.values.defaults import Defaults
from producers.values.repairs import Repairs
from tests.support import strategies

NOW = datetime(2026, 11, 22, 18, 25, 43, tzinfo=UTC)
USUAL: dict[str, Any] = {
    "url": "https://elnahar.example/news/2026/1?page=2",
    "title": "خطة المياه",
    "content": "أعلنت الوزارة اليوم خطة جديدة للمياه.\nوقالت إنها تبدأ غدا.",
    "date": "2026-11-21T10:00:00+03:00",
    "source": "elnahar.example",
    "keywords": ["مياه", "ري"],
    "author": "سلمى",
    "id": 92,
    "likes": 12,
}
odd = st.one_of(
    strategies.json_values,
    st.sampled_from(
        ["<p>خطة</p>", "R&amp;D", "R&D", "ط،ط،ط،ط،", "\u00d8\u00a7\u00d9\u0084\u00d9\u0085", "  ", "أ،ب", "2026-11-24"]
    ),
    strategies.urls,
    strategies.times,
    strategies.arabic,
)
names = st.sampled_from(
    [*ALIASES, *(name for group in ALIASES.values() for name in group), "id", "v", "links", "dump", "repairs"]
)
fields = st.builds(
    lambda usual, changed, left_out: {name: value for name, value in (usual | changed).items() if name not in left_out},
    st.sampled_from([{}, USUAL]),
    st.dictionaries(names, odd, max_size=3),
    st.lists(st.sampled_from([*USUAL]), max_size=2),
)
defaults = st.sampled_from([Defaults(), Defaults("archive"), Defaults("archive", "wire.example", ZoneInfo("Asia/Riyadh"))])


@given(fields, defaults)
def test_the_quick_look_gives_the_page_of_the_thorough_one_or_none(fields: dict[str, Any], defaults: Defaults) -> None:
    quick = usual_page(renamed(copy.deepcopy(fields)), defaults, NOW)

    if quick is not None:
        thorough = page_fields._repaired_page(renamed(copy.deepcopy(fields)), Repairs([]), defaults, NOW)
        assert encode(quick) == encode(thorough)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"url": "https://elnahar.example/أخبار/1"},
        {"url": "https://elnahar.example/%D8%A3/1"},
        {"url": None, "id": "https://elnahar.example/2"},
        {"source": None},
        {"keywords": "مياه، ري"},
        {"date": "2026-11-21", "v": 1},
    ],
)
def test_usual_fields_need_no_thorough_look(change: dict[str, Any]) -> None:
    assert usual_page(renamed(USUAL | change), Defaults(), NOW) is not None


def test_the_fields_stay_as_they_were_given() -> None:
    given_fields = orjson.loads(orjson.dumps(USUAL))
    page_fields.page_of_fields(given_fields, Defaults(), NOW)

    assert given_fields == USUAL
