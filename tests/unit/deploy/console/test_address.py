"""The address holds the whole state of the search page."""

from __future__ import annotations

from urllib.parse import parse_qsl

from hypothesis import given
from hypothesis import strategies as st

from deploy.console.reads.address import Asked, asked, asked_trends, until_bound

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(str.strip)
LISTS = st.lists(WORDS.filter(bool), max_size=3, unique=True).map(tuple)


@given(
    st.builds(
        Asked,
        q=WORDS,
        source=LISTS,
        country=LISTS,
        since=st.sampled_from(["", "2026-11-01", "7d"]),
        until=st.sampled_from(["", "2026-11-20"]),
        order=st.sampled_from(["relevance", "newest"]),
        size=st.sampled_from([10, 20, 50]),
    )
)
def test_what_is_written_to_the_address_is_read_from_it(one: Asked) -> None:
    assert asked(parse_qsl(one.query())) == one


@given(st.lists(st.tuples(st.sampled_from(["q", "source", "since", "until", "order", "size", "after", "x"]), st.text())))
def test_any_address_asks_something(pairs: list[tuple[str, str]]) -> None:
    found = asked(pairs)

    assert len(found.q) <= 500
    assert found.order in ("relevance", "newest")


def test_a_value_that_is_none_is_named() -> None:
    assert asked([("since", "yesterday"), ("order", "oldest"), ("size", "1000")]).ignored == ("since", "order", "size")


def test_the_last_day_is_meant_whole() -> None:
    assert until_bound("2026-11-30") == "2026-12-01"


def test_another_filter_leaves_the_later_page() -> None:
    assert "after" not in Asked(q="x", after="abc").having("source", "a.example")


def test_two_periods_are_asked_for_by_their_last_days_and_what_is_no_day_is_named() -> None:
    found = asked_trends(
        [("period", "3d"), ("until", "2026-11-20"), ("against", "last week"), ("country", "LB"), ("country", "")]
    )

    assert (found.period, found.until, found.against, found.country) == ("3d", "2026-11-20", "", ("LB",))
    assert found.ignored == ("against",)
