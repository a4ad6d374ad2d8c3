"""Records as others write them are pages, repaired where nothing is lost by it, and say so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from producers.mojibake import unscrambled
from producers.page_fields import page_of_fields, page_of_line
from producers.values.defaults import Defaults
from streams.records import MalformedRecord, Page

STORY = "افتتحت بلدية العين الزرقاء جسر المشاة أمام المدرسة الثانوية صباح الأحد."
NOW = datetime(2026, 11, 22, 18, 25, tzinfo=UTC)
TEXT = "أعلنت بلدية العين الزرقاء افتتاح جسر المشاة الجديد أمام المدرسة الثانوية صباح الأحد المقبل، بعد أعمال استمرت سبعة أشهر."
TITLE = "افتتاح جسر المشاة"
URL = "https://k.example/bridge"


def line(data: str | bytes) -> Page:
    return page_of_line(data if isinstance(data, bytes) else data.encode(), Defaults(), NOW)


def record(**fields: Any) -> Page:
    return page_of_fields(fields, Defaults(), NOW)


def page(**fields: Any) -> Page:
    return record(**{"url": URL, "text": TEXT} | fields)


def json_line(**fields: Any) -> str:
    return orjson.dumps({"url": URL, "text": TEXT} | fields).decode()


def repairs(found: Page) -> str:
    return "; ".join(found.extra["repairs"])


def test_half_an_emoji_is_replaced_and_the_page_stays() -> None:
    found = line(
        json_line(title="TITLE", text="TEXT").replace("TITLE", TITLE + r" \ud83d").replace("TEXT", TEXT + r" \udd25\ud83c")
    )

    assert (found.title, found.text) == (f"{TITLE} \ufffd", f"{TEXT} \ufffd\ufffd")
    assert "title: half an emoji replaced" in repairs(found)


def test_a_nul_is_left_out_wherever_it_stands() -> None:
    found = line(json_line(title="افتتاح جسر\0 المشاة", text=TEXT.replace("ر", "\0ر"), tags=["جسور\0"], author={"name": "هند\0"}))

    assert (found.title, found.text, found.tags, found.author) == (TITLE, TEXT, ("جسور",), "هند")
    assert "text: NUL removed" in repairs(found)


@pytest.mark.parametrize("constant", ["NaN", "Infinity", "-Infinity"])
def test_numbers_that_json_has_not_are_absent(constant: str) -> None:
    found = line(json_line(title=TITLE)[:-1] + f', "author": {constant}, "score": {constant}}}')

    assert (found.title, found.author, found.extra.get("score")) == (TITLE, None, None)
    assert constant in repairs(found)


def test_a_control_within_a_text_and_a_number_beyond_64_bits_are_read() -> None:
    found = line('{"url": "https://k.example/1", "text": "سطر\tثان", "guid": 123456789012345678901234567890}')

    assert found.text == "سطر\tثان"
    assert found.to_bytes()


def test_a_byte_order_mark_and_windows_1256_are_read() -> None:
    names = "قالت المخرجة Hélène Beaulieu إن الفيلم الجديد سيعرض في القرية."

    found = line(json_line(text=names).encode("cp1256"))

    assert line(b"\xef\xbb\xbf" + json_line().encode()).text == TEXT
    assert found.text == names
    assert "windows-1256" in repairs(found)


def test_an_object_in_a_text_and_schema_registry_framing_are_read() -> None:
    assert line(orjson.dumps(json_line())).text == TEXT
    assert line(b"\0\0\0\0\7" + json_line().encode()).text == TEXT


def test_a_doubled_key_counts_with_its_last_value() -> None:
    assert (
        line(f'{{"url": "{URL}", "title": "قديم", "title": "{TITLE}", "text": "{TEXT}", "x": {{"a": 1, "a": 2}}}}').title == TITLE
    )


def test_objects_of_schema_org_are_read() -> None:
    found = record(
        url=URL,
        headline=TITLE,
        articleBody=[TEXT, TEXT],
        author=[{"@type": "Person", "name": {"@type": "Person", "name": "هند العلي"}}, None, {"name": "سالم النجار"}],
        keywords=["جسور", None, {"@type": "DefinedTerm", "name": "بلدية"}],
        publisher={"@type": "Organization", "name": "المدار"},
        datePublished=["2026-08-16T06:00:00Z"],
        dateModified={"@type": "DateTime", "@value": "2026-08-16T07:00:00Z"},
        inLanguage={"@type": "Language", "alternateName": "ar"},
        articleSection=["محليات"],
    )

    assert (found.title, found.author, found.source, found.language) == (TITLE, "هند العلي، سالم النجار", "المدار", "ar")
    assert (found.tags, found.section, found.text) == (("جسور", "بلدية"), "محليات", f"{TEXT}\n\n{TEXT}")
    assert (found.published_at, found.modified_at) == ("2026-08-16T06:00:00Z", "2026-08-16T07:00:00Z")


def test_an_entry_of_feedparser_is_read() -> None:
    found = record(
        id=URL,
        title=TITLE,
        content=[{"type": "text/html", "language": "ar", "base": "", "value": f"<p>{TEXT}</p><p>{TITLE}</p>"}],
        authors=[{"name": "سالم النجار"}],
        tags=[{"term": "محليات", "scheme": None, "label": None}],
        links=[{"rel": "alternate", "type": "text/html", "href": URL}],
        published_parsed=[2026, 8, 16, 6, 0, 0, 6, 228, 0],
        source={"title": "المدار"},
    )

    assert (found.url, found.text, found.author, found.source) == (URL, f"{TEXT}\n\n{TITLE}", "سالم النجار", "المدار")
    assert (found.tags, found.published_at) == (("محليات",), "2026-08-16T06:00:00Z")


def test_the_json_of_trafilatura_is_one_page_of_one_source() -> None:
    fields = {
        "id": None,
        "title": TITLE,
        "text": TEXT,
        "hostname": "k.example",
        "source-hostname": "المدار",
        "date": "2026-08-16",
    }

    first = record(**fields, source=f"{URL}?utm_source=rss", tags="جسور;بلدية")
    second = record(**fields | {"text": f"{TEXT} ويحضر رئيس البلدية."}, source=URL, tags="")

    assert (first.url, first.source, first.tags) == (URL, "المدار", ("جسور", "بلدية"))
    assert (second.url, second.source, second.id) == (URL, "المدار", first.id)


@pytest.mark.parametrize(
    "fields",
    [
        {"title": TITLE, "text": TEXT, "authors": [], "publish_date": "2026-08-16 00:00:00", "url": URL, "canonical_link": URL},
        {"maintext": TEXT, "title": TITLE, "date_publish": "2026-08-16 00:00:00", "source_domain": "k.example", "url": URL},
        {"plain_text": TEXT, "title": TITLE, "published_date": "2026-08-16", "requested_url": URL, "sitename": "k.example"},
        {"text": TEXT, "title": TITLE, "url": URL, "timestamp": "2026-08-17T00:00:00Z", "date": "2026-08-16"},
    ],
    ids=["newspaper", "news-please", "CC-NEWS", "C4"],
)
def test_records_of_crawlers_are_read(fields: dict[str, Any]) -> None:
    found = record(**fields)

    assert (found.url, found.title, found.text, found.source) == (URL, TITLE, TEXT, "k.example")
    assert found.published_at == "2026-08-16T00:00:00Z"


def test_the_day_of_a_crawl_is_no_day_of_publication() -> None:
    found = page(id="<urn:uuid:1>", dump="CC-MAIN-2026-33", date="2026-08-17T04:00:00Z")

    assert (found.published_at, found.fetched_at) == (None, "2026-08-17T04:00:00Z")


def test_what_holds_no_text_is_left_aside() -> None:
    found = page(author={"id": {"deep": []}}, section=True)

    assert (found.author, found.extra["author_raw"], found.section, found.text) == (None, {"id": {"deep": []}}, None, TEXT)


def test_escaped_markup_is_the_text_that_was_meant_with_its_links() -> None:
    found = page(
        text="&lt;p dir=&quot;RTL&quot;&gt;أفتى المجلس بأن الصيام &quot;تطوع&quot;.&lt;/p&gt;\r\n&lt;p&gt;اقرأ أيضا:&lt;/p&gt;"
        "&lt;p&gt;&lt;a class=&quot;x&quot; href=&quot;https://k.example/2&quot;&gt;أربعة خلافات&lt;/a&gt;&lt;/p&gt;"
        "&lt;p&gt;تحت الأرض&amp;nbsp;فقط، &amp;lsquo;لا ضرر&amp;rsquo;.&lt;/p&gt;"
    )

    assert found.text == (
        'أفتى المجلس بأن الصيام "تطوع".\n\nاقرأ أيضا:\n\nأربعة خلافات\n\nتحت الأرض\u00a0فقط، \u2018لا ضرر\u2019.'
    )
    assert [(found.text[start:end], href) for start, end, href in found.links] == [("أربعة خلافات", "https://k.example/2")]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("أول<br>ثان<br><br>ثالث", "أول\nثان\n\nثالث"),
        ("<ul><li>أول</li><li>ثان</li></ul>", "- أول\n- ثان"),
        ("<p>نص</p><script>show(1)</script><style>p{}</style>", "نص"),
        ("سطر فيه <b>كلمة</b>\nوسطر", "سطر فيه كلمة\nوسطر"),
        ("قال &quot;نعم&quot; &amp; مضى", 'قال "نعم" & مضى'),
        ("في HTML يكتب <b> للخط العريض، و 3 < 5", "في HTML يكتب <b> للخط العريض، و 3 < 5"),
    ],
)
def test_markup_is_read_as_a_reader_would(text: str, shown: str) -> None:
    assert page(text=text).text == shown


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "cp1256"])
def test_utf_8_read_as_another_set_is_turned_back(encoding: str) -> None:
    open_in_1252 = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    wrong = "".join(
        chr(byte) if encoding == "cp1252" and byte in open_in_1252 else bytes([byte]).decode(encoding) for byte in TEXT.encode()
    )

    found = page(text=wrong)

    assert found.text == TEXT
    assert repairs(found) == "text: letters that were read as another set"


def test_the_last_letter_that_was_taken_for_white_space_comes_back() -> None:
    assert page(title="رئيس البلدية يعلن اليوم".encode().decode("latin-1").strip()).title == "رئيس البلدية يعلن اليوم"


@pytest.mark.parametrize("text", [TEXT, "شرط، حظ؟ لفظ» غلط… وسط؛ ملحوظ", "Ørsted og Åse ved Ø", "Élysée – «Paris»"])
def test_a_right_text_is_not_touched(text: str) -> None:
    found = page(text=text)

    assert found.text == text
    assert "repairs" not in found.extra


def test_gzip_is_refused_by_name() -> None:
    with pytest.raises(MalformedRecord, match="gzip"):
        line(b"\x1f\x8b\x08\0" + b"x" * 30)


@pytest.mark.parametrize(
    "record",
    [
        {"Title": "افتتاح الجسر", "Text": STORY, "URL": "https://k.example/1"},
        {"articleTitle": "افتتاح الجسر", "articleText": STORY, "pageUrl": "https://k.example/1"},
        {"العنوان": "افتتاح الجسر", "النص": STORY, "الرابط": "https://k.example/1"},
        {"_index": "news", "_id": "7", "_source": {"title": "افتتاح الجسر", "text": STORY, "url": "https://k.example/1"}},
        {"schema": {"type": "struct"}, "payload": {"title": "افتتاح الجسر", "body": STORY, "link": "https://k.example/1"}},
        {"payload": {"Title": "افتتاح الجسر", "ArticleText": STORY, "pageUrl": "https://k.example/1"}},
        {
            "@context": "https://schema.org",
            "@graph": [{"@type": "WebSite"}, {"headline": "افتتاح الجسر", "articleBody": STORY, "url": "https://k.example/1"}],
        },
        {
            "title": {"rendered": "افتتاح الجسر"},
            "content": {"rendered": f"<p>{STORY}</p>"},
            "link": "https://k.example/1",
        },
        {
            "headline": "افتتاح الجسر",
            "articleBody": STORY,
            "mainEntityOfPage": {"@type": "WebPage", "@id": "https://k.example/1"},
        },
    ],
    ids=[
        "case",
        "camel",
        "arabic",
        "elasticdump",
        "kafka connect",
        "names in a wrapper",
        "schema.org graph",
        "wordpress",
        "main entity",
    ],
)
def test_names_in_another_spelling_and_records_in_a_wrapper_are_read(record: dict[str, Any]) -> None:
    found = page_of_line(orjson.dumps(record), Defaults(), NOW)

    assert (found.title, found.text.strip(), found.url) == ("افتتاح الجسر", STORY, "https://k.example/1")


@pytest.mark.parametrize("charset", ["cp1256", "iso8859_6"])
def test_arabic_of_one_byte_a_letter_that_was_read_as_latin_is_turned_back(charset: str) -> None:
    wrong = "وقالت البلدية إن الجسر سيفتح أمام المارة صباح الأحد".encode(charset).decode("latin-1")

    assert unscrambled(wrong) == "وقالت البلدية إن الجسر سيفتح أمام المارة صباح الأحد"


@pytest.mark.parametrize("charset", ["cp1256", "iso8859_6"])
@pytest.mark.parametrize(
    "text",
    [
        "رئيس الوزراء",
        "مصر تفوز",
        "افتتاح «سوق السمك»؛ وحضور كبير، فهل ينجح؟",
        "وقع عقدا مع المهاجم Alexander Montgomery-Richardson حتى 2029",
        "هُدْنَةٌ في المدينة",
    ],
)
def test_short_and_mixed_texts_of_one_byte_a_letter_are_turned_back(text: str, charset: str) -> None:
    data = text.encode(charset, "ignore")

    assert unscrambled(data.decode("latin-1")) == data.decode(charset)


@pytest.mark.parametrize(
    "text",
    [
        "Ça alors, l'été à la Réunion",
        "ÇÁÉ ÔÛ",
        "AÇÃO E REAÇÃO: A CONSTITUIÇÃO",
        "Þórður á Íslandi",
        "Äöü ÄÖÜ äöü",
        "ÉTÉ À L'ÉCOLE ÉLÉMENTAIRE",
        "cafÃ© Ã©tÃ© dÃ©jÃ\u00a0",
        "İstanbul'da öğle üzeri",
    ],
)
def test_a_latin_text_with_accents_stays(text: str) -> None:
    assert unscrambled(text) == text


@pytest.mark.parametrize(
    "url", ["//k.example/1", "k.example/1", r"https:\/\/k.example\/1", "«https://k.example/1»", "https:/k.example/1"]
)
def test_an_address_that_is_badly_written_is_mended_and_said(url: str) -> None:
    found = page(url=url)

    assert found.url == "https://k.example/1"
    assert repairs(found) == "url: tracking or escaping taken off"
