"""A page as lines for an editor: nothing is lost on the way there and back, and a slip is named by its line."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.split.segments import KINDS, Segment
from streams.trials.label_format import MalformedLabels, Mark, as_lines, from_lines

TEXT = "وقال رئيس البلدية إن المكتبة مفتوحة.\n\nاقرأ أيضا: مزارعو الوادي يطالبون بخفض الأسعار وأضاف أن الدخول مجاني."
HEADING = TEXT.index("اقرأ")
AGAIN = TEXT.index("وأضاف")
CUT = (
    Segment(0, HEADING - 2, "body", "no marker"),
    Segment(HEADING, AGAIN - 1, "inline_teaser", "heading"),
    Segment(AGAIN, len(TEXT), "body", "no marker"),
)


@st.composite
def pages(draw: st.DrawFn) -> tuple[str, list[Segment]]:
    """A text and segments that cover its characters, their edges anywhere."""
    text = draw(st.text(alphabet="اب \n\t#+-", max_size=60))
    edges = sorted({0, len(text), *draw(st.lists(st.integers(0, len(text)), max_size=6))})
    kinds = [draw(st.sampled_from(KINDS)) for _ in edges[1:]]
    return text, [Segment(first, last, kind, "no marker") for first, last, kind in zip(edges, edges[1:], kinds, strict=False)]


def painted(text: str, segments: Sequence[Segment | Mark]) -> list[str | None]:
    kinds = (next((s.kind for s in segments if s.start <= at < s.end), None) for at in range(len(text)))
    return [None if char.isspace() else kind for char, kind in zip(text, kinds, strict=True)]


@given(pages())
def test_lines_that_nobody_changed_say_what_they_said(page: tuple[str, list[Segment]]) -> None:
    text, segments = page

    assert painted(text, from_lines(as_lines(text, segments), text)) == painted(text, segments)


def test_a_line_of_two_segments_is_two_lines() -> None:
    assert from_lines(as_lines(TEXT, CUT), TEXT) == tuple(Mark(one.start, one.end, one.kind) for one in CUT)
    assert "\n+body\tوأضاف" in as_lines(TEXT, CUT)


def test_a_corrected_kind_is_kept() -> None:
    corrected = as_lines(TEXT, CUT).replace("inline_teaser\tاقرأ", "similar_list\tاقرأ")

    assert [segment.kind for segment in from_lines(corrected, TEXT)] == ["body", "similar_list", "body"]


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ("inline_teaser\t", "teaser\t", "'teaser' is no kind"),
        ("مزارعو", "مزارع", "the text is not the page's"),
        ("+body\tوأضاف", "body\tوأضاف", "goes on here"),
        ("+body\tوأضاف أن الدخول مجاني.\n", "", "the end of the page is missing"),
        ("body\tوقال", "-\tوقال", "of blank lines only"),
    ],
)
def test_a_slip_is_named(before: str, after: str, says: str) -> None:
    slipped = as_lines(TEXT, CUT).replace(before, after, 1)

    with pytest.raises(MalformedLabels, match=says):
        from_lines(slipped, TEXT)
