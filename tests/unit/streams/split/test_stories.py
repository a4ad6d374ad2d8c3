"""What becomes of the segments: articles, and what hangs on them."""

from __future__ import annotations

from streams.identity import read_also_id
from streams.records import Article, Page
from streams.split.splitter import split
from streams.split.stories import articles

OWN = [
    "افتتحت بلدية الساحل، الأحد، مكتبة عامة جديدة وسط المدينة بعد أعمال ترميم استمرت عامين كاملين.",
    "وقال رئيس البلدية إن المكتبة تضم أكثر من ثلاثين ألف كتاب وقاعات للقراءة مفتوحة طوال الأسبوع.",
    "وأضاف أن المشروع نفذ بتمويل محلي، وأن مرحلة ثانية منه ستبدأ قبل نهاية العام الحالي.",
]
OTHER_TITLE = "مزارعو الوادي يطالبون بخفض أسعار مياه الري"
OTHER = [
    "طالب مزارعو الوادي، الاثنين، الحكومة بخفض أسعار مياه الري بعد موسم جاف أضر بمحاصيلهم.",
    "وأوضح ممثل المزارعين أن الأسعار تضاعفت خلال ثلاث سنوات وأن كثيرين تركوا أراضيهم.",
]
TEASERS = ["انطلاق معرض الكتاب في العاصمة بمشاركة عشرين دارا", "الميناء القديم يستقبل أول سفينة سياحية منذ عقد"]
APPENDED = ["المصدر: الساحل", "إقرأ أيضاً:", OTHER_TITLE, *OTHER]


def page(*lines: str, links: tuple[tuple[int, int, str], ...] = ()) -> Page:
    return Page(
        id="1" * 32,
        source="sahel.example",
        source_id="77",
        url="https://sahel.example/77",
        title="بلدية الساحل تفتتح مكتبة عامة",
        text="\n".join(lines),
        links=links,
        published_at="2026-11-21T10:00:00Z",
        fetched_at="2026-11-22T00:00:00Z",
        language="ar",
        country="LB",
        author="سعاد",
        tags=("ثقافة",),
    )


def stories_of(one: Page) -> tuple[Article, ...]:
    return articles(split(one))


def test_a_page_of_one_story_is_its_article() -> None:
    one = page(*OWN)

    (main,) = stories_of(one)

    assert main.body == one.text
    assert (main.id, main.page_id, main.title, main.url, main.published_at) == (
        one.id,
        one.id,
        one.title,
        one.url,
        one.published_at,
    )
    assert main.segments == ({"start": 0, "end": len(one.text), "kind": "body"},)


def test_an_appended_story_is_an_article_of_its_own() -> None:
    main, other = stories_of(page(*OWN, *APPENDED))

    assert main.body == "\n".join(OWN)
    assert main.credit == "الساحل"
    assert main.related == ({"title": OTHER_TITLE, "kind": "read_also"},)
    assert (other.role, other.title, other.body) == ("read_also", OTHER_TITLE, "\n".join(OTHER))
    assert other.id == read_also_id(OTHER_TITLE, "\n".join(OTHER))
    assert other.page_id == main.id


def test_an_appended_story_takes_nothing_that_is_the_pages_own() -> None:
    _, other = stories_of(page(*OWN, *APPENDED))

    assert (other.source, other.fetched_at, other.language, other.country) == (
        "sahel.example",
        "2026-11-22T00:00:00Z",
        "ar",
        "LB",
    )
    assert (other.url, other.source_id, other.published_at, other.author, other.tags, other.segments) == (
        None,
        None,
        None,
        None,
        (),
        (),
    )


def test_the_same_appended_story_twice_is_one_article() -> None:
    assert len(stories_of(page(*OWN, *APPENDED, *APPENDED))) == 2


def test_the_block_under_another_page_is_the_same_article() -> None:
    first, second = stories_of(page(*OWN, *APPENDED)), stories_of(page(*OWN[:2], *APPENDED))

    assert first[1].id == second[1].id


def test_the_body_goes_on_after_a_teaser() -> None:
    (main,) = stories_of(page(*OWN[:2], "اقرأ أيضًا", *TEASERS, OWN[2]))

    assert main.body == "\n".join(OWN)
    assert main.teasers == tuple({"title": title} for title in TEASERS)


def test_a_teaser_within_an_appended_story_is_that_storys() -> None:
    main, other = stories_of(page(*OWN, *APPENDED[:-1], "شاهد أيضاً:", TEASERS[0], APPENDED[-1]))

    assert main.teasers == ()
    assert other.teasers == ({"title": TEASERS[0]},)
    assert other.body == "\n".join(OTHER)


def test_titles_of_a_list_have_the_addresses_of_the_lines_below_them() -> None:
    (main,) = stories_of(page(*OWN, "موضوعات متعلقة..", TEASERS[0], "http: //sahel.example/1", f"• {TEASERS[1]}"))

    assert main.related == (
        {"title": TEASERS[0], "url": "http://sahel.example/1", "kind": "similar"},
        {"title": TEASERS[1], "kind": "similar"},
    )


def test_a_title_that_begins_with_the_words_of_a_marker_keeps_them() -> None:
    title = "شاهد الميناء القديم كما بدا قبل قرن من الزمان"  # a marker only where a colon follows

    (main,) = stories_of(page(*OWN, "مقالات مشابهة", TEASERS[0], title))

    assert [titles["title"] for titles in main.related] == [TEASERS[0], title]


def test_titles_of_a_list_have_the_addresses_of_their_links() -> None:
    lines = [*OWN, "مقالات مشابهة", *TEASERS]
    start = len("\n".join(lines[:-1])) + 1

    (main,) = stories_of(page(*lines, links=((start, start + 10, "https://sahel.example/2"),)))

    assert main.related[1] == {"title": TEASERS[1], "url": "https://sahel.example/2", "kind": "similar"}


def test_a_tag_line_without_separators_is_one_text_with_arabic_letters() -> None:
    (main,) = stories_of(page(*OWN, "كلمات دلالية: الخارجیة الأمیرکی الولایات"))

    assert main.keywords == "الخارجية الأميركي الولايات"
    assert main.tags == ("ثقافة",)


def test_tags_that_the_page_separates_are_tags() -> None:
    (main,) = stories_of(page(*OWN, "الكلمات المفتاحية: المکتبة العامة، الساحل، ثقافة"))

    assert main.keywords == "المكتبة العامة، الساحل، ثقافة"
    assert main.tags == ("ثقافة", "المكتبة العامة", "الساحل")


def test_every_article_is_a_record() -> None:
    for article in stories_of(page(*OWN[:2], "اقرأ أيضًا", *TEASERS, OWN[2], *APPENDED)):
        again = Article.from_bytes(article.to_bytes())

        assert again == article
