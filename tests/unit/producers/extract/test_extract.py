"""What extraction holds on any input: no error, exact offsets, one answer."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from producers.extract.extract import extract
from producers.extract.results import Extracted, Refusal, SiteSelectors

WORDS = ["أعلنت", "البلدية", "افتتاح", "الجسر", "الجديد", "صباح", "الأحد", "المقبل،", "بعد", "أعمال", "استمرت", "سبعة", "أشهر."]
TEXTS = st.lists(st.sampled_from(WORDS), min_size=1, max_size=25).map(" ".join)
TAGS = [
    "p",
    "div",
    "a href='/x?a=1&amp;b=2'",
    "span",
    "li",
    "h2",
    "blockquote",
    "article",
    "td",
    "b",
    "figure",
    "pre",
    "br",
    "form",
]
PIECES = st.one_of(
    TEXTS,
    st.sampled_from([f"<{tag}>" for tag in TAGS] + [f"</{tag.split()[0]}>" for tag in TAGS]),
    st.sampled_from(
        ["<br><br>", "&nbsp;", "\n ", "<script>x</script>", "<!-- c -->", "<h1>", "</h1>", "&#x200f;", "&#0;", "\ud83d"]
    ),
)


@given(st.binary(max_size=400))
def test_no_bytes_raise(data: bytes) -> None:
    assert isinstance(extract(b"<html><body><p>" + data), Extracted | Refusal)
    assert isinstance(extract(data), Extracted | Refusal)


@given(st.lists(PIECES, max_size=60).map("".join))
def test_every_link_is_a_span_of_the_text_and_no_line_has_loose_spaces(markup: str) -> None:
    found = extract(
        f"<html><body><h1>عنوان الخبر الأول</h1><article>{markup}</article></body></html>", url="https://n.example/a/1"
    )

    if isinstance(found, Refusal):
        return
    ends = 0
    for start, end, href in found.links:
        assert ends <= start < end <= len(found.text)
        assert found.text[start:end].strip() == found.text[start:end]
        assert href == "https://n.example/x?a=1&b=2"
        ends = end
    assert all(line == line.strip() for line in found.text.split("\n"))


@given(st.lists(PIECES, max_size=60).map("".join))
def test_a_page_gives_the_same_answer_twice(markup: str) -> None:
    page = f"<html><body>{markup}</body></html>"

    assert extract(page) == extract(page)


def test_selectors_of_a_source_name_body_and_headline_and_what_goes() -> None:
    page = (
        "<html><body><h1>الموقع</h1><div id=t>عنوان من الإعدادات</div><div id=b><p>نص أول قصير</p><p class=x>لا يبقى</p></div>"
        "<p>فقرة طويلة أخرى ليست من الخبر في شيء، لكنها أطول ما في الصفحة كلها من كلام متصل.</p></body></html>"
    )

    found = extract(page, selectors=SiteSelectors(body="//*[@id='b']", title="//*[@id='t']", remove="//*[@class='x']"))

    assert isinstance(found, Refusal)  # three words are no story, whoever says so

    found = extract(
        page.replace("نص أول قصير", " ".join(WORDS)),
        selectors=SiteSelectors(body="//*[@id='b']", title="//*[@id='t']", remove="//*[@class='x']"),
    )

    assert isinstance(found, Extracted)
    assert (found.title, found.text) == ("عنوان من الإعدادات", " ".join(WORDS))
