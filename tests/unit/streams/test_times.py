"""Which times of a page can be, and what becomes of the others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.records import Page
from streams.times import is_plausible, rfc_3339, with_possible_times

APPENDED = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
PAGE = Page(id="0f" * 16, source="site", text="نص", fetched_at="2026-11-22T18:25:43Z")
moments = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is beside


def test_the_bounds_themselves_can_be() -> None:
    assert is_plausible(datetime(2000, 1, 1, tzinfo=UTC), APPENDED)
    assert is_plausible(APPENDED + timedelta(days=1), APPENDED)
    assert not is_plausible(datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), APPENDED)
    assert not is_plausible(APPENDED + timedelta(days=1, microseconds=1), APPENDED)


@given(moments, st.none() | moments, st.none() | moments)
def test_every_time_that_is_left_can_be_and_every_other_is_kept(
    fetched: datetime, published: datetime | None, modified: datetime | None
) -> None:
    given_ = {"published": rfc_3339(published) if published else None, "modified": rfc_3339(modified) if modified else None}
    page = replace(PAGE, fetched_at=rfc_3339(fetched), published_at=given_["published"], modified_at=given_["modified"])

    fields = Page.from_bytes(with_possible_times(page, APPENDED).to_bytes()).to_dict()

    seen = datetime.fromisoformat(fields["fetched_at"])
    assert is_plausible(seen, APPENDED)
    assert page.fetched_at == fields.get("fetched_raw", fields["fetched_at"])
    for name, text in given_.items():
        assert text == fields.get(f"{name}_at", fields.get(f"{name}_raw"))
        assert f"{name}_at" not in fields or is_plausible(datetime.fromisoformat(fields[f"{name}_at"]), seen)


def test_a_page_whose_times_can_be_is_as_it_was() -> None:
    page = replace(PAGE, published_at="2026-11-22T18:00:00Z", extra={"published_by": "hand"})

    assert with_possible_times(page, APPENDED) is page


def test_what_is_kept_already_is_not_overwritten() -> None:
    page = replace(PAGE, published_at="1970-01-01T00:00:00Z", published_raw="أمس")

    assert with_possible_times(page, APPENDED).published_raw == "أمس"


@pytest.mark.parametrize(
    ("microsecond", "text"),
    [(0, "2026-11-22T18:30:00Z"), (45_000, "2026-11-22T18:30:00.045Z"), (45_001, "2026-11-22T18:30:00.045001Z")],
)
def test_a_time_is_written_with_the_digits_that_it_has(microsecond: int, text: str) -> None:
    assert rfc_3339(APPENDED.replace(microsecond=microsecond)) == text
