"""What extraction holds on any input: no error, exact offsets, one answer."""

from __future__ import annotations

import json
import time

import pytest
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


STORY = "".join(
    f"<p>{text}</p>"
    for text in (
        "دخلت إلى المدينة صباح اليوم قافلة تحمل الطحين والدواء، بعد انتظار دام أسبوعين عند المعبر الشرقي.",
        "وقال سكان إن فرق الإنقاذ واصلت البحث حتى المساء، وإن الطريق الساحلي ما زال مقطوعا في موضعين.",
        "ونصبت البلدية خياما في ساحة المدرسة، ونقلت إليها مئتي عائلة من الأحياء القريبة من مجرى السيل.",
        "وأعلنت المستشفيات أنها استقبلت أربعين جريحا، بينهم تسعة أطفال، خرج معظمهم بعد ساعات قليلة.",
        "وتتوقع الأرصاد أن تتراجع الأمطار مساء غد، ثم تعود في نهاية الأسبوع أخف مما كانت عليه من قبل.",
        "وطلب المحافظ من السكان أن يبقوا في بيوتهم، وأن يبلغوا عن كل جدار متصدع في المباني القديمة هناك.",
        "وكانت المدينة قد شهدت سيلا مشابها قبل أحد عشر عاما، جرف يومها الجسر القديم ومحطة القطار الصغيرة.",
        "ووصلت فرق من ثلاث محافظات مجاورة للمساعدة في فتح الطرق وإعادة الكهرباء إلى القرى التي انقطعت عنها.",
    )
)


@pytest.mark.parametrize(
    "headline", ["500 شاحنة تدخل المدينة بعد أسبوعين", "لم يتم العثور على ناجين تحت الأنقاض", "404 أيام على الحصار"]
)
def test_a_headline_with_the_words_of_an_error_page_is_a_headline(headline: str) -> None:
    found = extract(f"<html><head><title>{headline}</title></head><body><h1>{headline}</h1>{STORY}</body></html>")

    assert isinstance(found, Extracted), found
    assert found.title == headline


@pytest.mark.parametrize(
    ("head", "classes"),
    [
        ('<link rel="canonical" href="https://n.example/">', ""),
        ('<meta property="og:url" content="https://n.example">', "home"),
        ("", "archive category"),
        ('<link rel="canonical" href="https://n.example/tag/bread">', "search"),
    ],
)
def test_a_long_text_is_an_article_whatever_its_address_and_classes_say(head: str, classes: str) -> None:
    page = f'<html><head>{head}</head><body class="{classes}"><h1>قافلة تدخل المدينة بعد أسبوعين</h1>{STORY}</body></html>'

    found = extract(page)

    assert isinstance(found, Extracted), found


def test_a_script_that_breaks_out_of_frames_is_no_redirect() -> None:
    body = f"<h1>قافلة تدخل المدينة</h1>{STORY[:240]}</p>"

    found = extract(f"<html><script>if (top.location == self.location) x()</script><body>{body}</body></html>")

    assert isinstance(found, Extracted), found


PAGE_INSIDE_ONE_FORM = """\
<!DOCTYPE html><html dir="rtl" lang="ar"><head><meta charset="utf-8"><title>تأجيل مباراة الكأس بسبب العاصفة</title></head>
<body><form id="aspnetForm" method="post" action="./572277"><input type="hidden" name="__VIEWSTATE" value="/wEPDwUK">
<nav><a href="/">الرئيسية</a> <a href="/sport">رياضة</a></nav>
<h1>تأجيل مباراة الكأس بسبب العاصفة</h1>
<div class="story">
<div class="text">قرر اتحاد الكرة تأجيل مباراة نهائي الكأس التي كانت مقررة مساء اليوم بسبب العاصفة الرملية.<br><br>
<div class="ads"><script>showAd(12)</script>إعلان</div>
وقال الاتحاد في بيان إن الموعد الجديد سيحدد خلال يومين.<br><br>
وتوقعت الأرصاد استمرار العاصفة حتى صباح الغد.</div></div>
<aside><p>أمسيات الصيف .. حكاية الساحل - الحلقة ٥٤ | الموسم 5</p>
<p>برنامج أسبوعي يعرض كل خميس على شاشتنا، من إعداد فريق المحطة وتقديم هند العلي.</p></aside>
</form></body></html>
"""


def test_p16_a_page_inside_one_form_gives_its_story_and_not_its_sidebar() -> None:
    found = extract(PAGE_INSIDE_ONE_FORM, url="https://n.example/news/572277")

    assert isinstance(found, Extracted), found
    assert found.title == "تأجيل مباراة الكأس بسبب العاصفة"
    assert found.text.split("\n\n") == [
        "قرر اتحاد الكرة تأجيل مباراة نهائي الكأس التي كانت مقررة مساء اليوم بسبب العاصفة الرملية.",
        "وقال الاتحاد في بيان إن الموعد الجديد سيحدد خلال يومين.",
        "وتوقعت الأرصاد استمرار العاصفة حتى صباح الغد.",
    ]


def test_p16_a_page_whose_story_is_missing_is_refused_and_its_sidebar_not_sent() -> None:
    before, _, after = PAGE_INSIDE_ONE_FORM.partition('<div class="story">')
    page = before + after[after.index("<aside>") :]

    assert isinstance(extract(page), Refusal)


@pytest.mark.parametrize("expression", ["//div[", "unknown(//p)", "count(//p)"])
def test_selectors_that_name_no_elements_are_refused_before_any_page(expression: str) -> None:
    with pytest.raises(ValueError, match="body: "):
        SiteSelectors(body=expression)


def cards(count: int) -> str:
    return "".join(f'<div><h3><a href="/n/{n}">خبر رقم {n} عن أعمال الجسر الجديد</a></h3></div>' for n in range(count))


def test_stories_in_json_ld_do_not_make_a_list_an_article() -> None:
    stories = [{"@type": "NewsArticle", "headline": f"خبر رقم {n} عن أعمال الجسر الجديد"} for n in range(9)]
    page = (
        f"<html><head><title>أخبار</title><script type='application/ld+json'>{json.dumps(stories)}</script></head>"
        f"<body><h1>أخبار المدينة</h1>{STORY[:300]}</p>{cards(9)}</body></html>"
    )

    found = extract(page, url="https://n.example/ar/")

    assert isinstance(found, Refusal)
    assert found.reason == "listing"


def test_a_page_that_shows_no_date_has_the_day_of_its_address() -> None:
    page = f"<html><body><h1>قافلة تدخل المدينة بعد أسبوعين</h1>{STORY}</body></html>"

    found = extract(page, url="https://n.example/2026/11/22/caravan")

    assert isinstance(found, Extracted)
    assert found.published_at == "2026-11-22T00:00:00Z"


def test_lines_apart_from_the_text_that_only_one_reading_has_are_no_part_of_it() -> None:
    comments = "".join(
        f"<div class=viral><b>قارئ {n}</b><span>أرى أن ما جرى في الحي القديم يحتاج إلى تحقيق جاد رقم {n}، وشكرا لكم.</span></div>"
        for n in range(4)
    )
    page = f"<html><body><div><h1>قافلة تدخل المدينة بعد أسبوعين</h1><div>{STORY}</div>{comments}</div></body></html>"

    found = extract(page)

    assert isinstance(found, Extracted)
    assert "قارئ" not in found.text
    assert found.text.endswith("التي انقطعت عنها.")


def test_time_grows_with_the_length_of_a_page_of_unclosed_paragraphs() -> None:
    def cost_s(paragraphs: int) -> float:
        page = "<html><body><h1>عنوان الخبر الأول</h1><div>" + "".join(f"<p>{' '.join(WORDS)} {n}" for n in range(paragraphs))
        started = time.process_time()
        extract(page)
        return time.process_time() - started

    cost_s(10)

    assert cost_s(8000) < 10 * cost_s(2000)


@pytest.mark.parametrize("heading", ["التعليقات", "(3) تعليقات", "أضف تعليقك", "اترك تعليقاً", "شارك برأيك"])
def test_the_text_ends_where_the_comments_of_readers_begin(heading: str) -> None:
    comments = f"<h3>{heading}</h3><div><p>أرى أن ما جرى في الحي القديم يحتاج إلى تحقيق جاد وسريع، وشكرا لكم.</p></div>"
    page = f"<html><body><div><h1>قافلة تدخل المدينة بعد أسبوعين</h1><div>{STORY}</div>{comments}</div></body></html>"

    found = extract(page)

    assert isinstance(found, Extracted)
    assert found.text.endswith("التي انقطعت عنها.")


def test_a_word_above_the_headline_in_an_element_of_its_own_is_no_part_of_it() -> None:
    title = "قافلة تدخل المدينة بعد أسبوعين"
    head = f'<title>{title}</title><meta property="og:title" content="{title}">'
    page = f"<html><head>{head}</head><body><h1><span>متابعة</span> {title}</h1>{STORY}</body></html>"

    found = extract(page)

    assert isinstance(found, Extracted)
    assert found.title == title


def test_a_date_with_a_label_is_found_below_the_text() -> None:
    date = "<ul><li><strong>تاريخ</strong> 22.11.2026</li></ul>"
    page = f"<html><body><h1>قافلة تدخل المدينة بعد أسبوعين</h1><div>{STORY}</div>{'<p>سطر</p>' * 20}{date}</body></html>"

    found = extract(page)

    assert isinstance(found, Extracted)
    assert found.published_at == "2026-11-22T00:00:00Z"


def test_a_text_in_a_variable_of_the_window_is_read_where_the_page_shows_none() -> None:
    state = json.dumps({"story": {"title": "قافلة", "body": STORY}})
    page = f"<html><body><h1>قافلة تدخل المدينة</h1><script>window.__STATE__ = {state};run()</script></body></html>"

    found = extract(page)

    assert isinstance(found, Extracted)
    assert found.text.startswith("دخلت إلى المدينة")
    assert len(found.text.split("\n\n")) == 8


@pytest.mark.parametrize(
    "notice",
    [
        "الآراء الواردة أعلاه لا تعبر عن رأي الموقع، بل تعكس وجهات نظر أصحابها وحدهم.",
        "تراجع إدارة الموقع التعليقات قبل نشرها، وترجو من القراء أن يلتزموا بموضوع الخبر وحده.",
    ],
)
def test_a_notice_below_the_text_is_no_part_of_it_and_the_same_words_inside_are(notice: str) -> None:
    below = extract(f"<html><body><h1>قافلة تدخل المدينة بعد أسبوعين</h1><div>{STORY}<p>{notice}</p></div></body></html>")
    inside = extract(f"<html><body><h1>قافلة تدخل المدينة بعد أسبوعين</h1><div><p>{notice}</p>{STORY}</div></body></html>")

    assert isinstance(below, Extracted)
    assert isinstance(inside, Extracted)
    assert notice not in below.text
    assert inside.text.startswith(notice)


@pytest.mark.parametrize("name", ["related-news", "RelatedNews", "box-related-articles", "commentsList", "sharing-tools"])
def test_the_spellings_of_a_name_are_one_name(name: str) -> None:
    box = f'<div class="{name}"><p>سطر من صندوق ليس من الخبر، يقف بين فقراته ولا يتبعها في شيء من معناه.</p></div>'
    first, _, rest = STORY.partition("</p>")
    page = f"<html><body><h1>قافلة تدخل المدينة بعد أسبوعين</h1><div>{first}</p>{box}{rest}</div></body></html>"

    found = extract(page)

    assert isinstance(found, Extracted)
    assert "صندوق" not in found.text


@pytest.mark.parametrize("headline", ["البحث عن ناجين تحت أنقاض المدرسة", "المحتوى المحلي غير متوفر في مدارس الريف"])
def test_a_headline_with_the_words_of_a_search_or_an_error_is_a_headline(headline: str) -> None:
    found = extract(f"<html><head><title>{headline}</title></head><body><h1>{headline}</h1>{STORY}</body></html>")

    assert isinstance(found, Extracted), found


def test_an_offer_of_a_subscription_in_the_menu_does_not_make_a_short_story_a_paywall() -> None:
    menu = "<div><a href='/s'>خدمات للمشتركين</a></div>"
    page = f"<html><body>{menu}<h1>قافلة تدخل المدينة بعد أسبوعين</h1><div>{STORY[:300]}</p></div></body></html>"

    assert isinstance(extract(page), Extracted)


def test_the_time_beside_the_headline_goes_before_the_clock_of_the_page() -> None:
    clock = "<header><time datetime='2026-11-28T09:00:00Z'>السبت</time></header>"
    page = (
        f"<html><body>{clock}<ul><li itemprop='name'>الرئيسية</li><li itemprop='name'>أخبار</li></ul>"
        f"<h1>قافلة تدخل المدينة بعد أسبوعين</h1><time datetime='2026-11-22T18:25:00Z'>الأحد</time>{STORY}</body></html>"
    )

    found = extract(page)

    assert isinstance(found, Extracted)
    assert found.published_at == "2026-11-22T18:25:00Z"


def test_paragraphs_in_wrappers_of_their_own_are_one_text() -> None:
    paragraphs = STORY.replace("<p>", "<div class=par><p>").replace("</p>", "</p></div>")
    short = "<div class=par><p>وهذا ما كان.</p></div>"
    page = f"<html><body><h1>قافلة تدخل المدينة بعد أسبوعين</h1><div>{paragraphs}{short}</div></body></html>"

    found = extract(page)

    assert isinstance(found, Extracted)
    assert found.text.count("\n\n") == 8
    assert found.text.endswith("وهذا ما كان.")


@pytest.mark.parametrize("tag", ["div", "font", "table><tr><td"])
def test_a_text_in_hundreds_of_elements_that_are_never_closed_is_read(tag: str) -> None:
    lines = [f"{' '.join(WORDS)} {number}" for number in range(500)]
    page = "<html><body><h1>عنوان الخبر الأول</h1>" + "".join(f"<{tag}>{line}<br><br>" for line in lines)

    found = extract(page)

    assert isinstance(found, Extracted)
    assert found.text.split("\n\n") == lines


def test_a_wrapper_named_for_its_share_buttons_holds_the_story_below_its_headline() -> None:
    aside = "".join(
        f"<p>سطر {n} من نص آخر في أسفل الصفحة، لا يتبع الخبر، وهو أطول من أن يكون عنوانا في قائمة.</p>" for n in range(6)
    )
    story = f'<section class="social-share"><header><h1>قافلة تدخل المدينة بعد أسبوعين</h1></header>{STORY}</section>'

    found = extract(f"<html><body>{story}<div class=widget>{aside}</div></body></html>")

    assert isinstance(found, Extracted)
    assert found.text.startswith("دخلت إلى المدينة")
    assert "نص آخر" not in found.text
