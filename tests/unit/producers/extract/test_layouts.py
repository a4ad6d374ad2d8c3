# ruff: noqa: E501 - a layout is a line
"""What the systems that sites run make of a story: each layout with what must come out of it."""

from __future__ import annotations

import json

import pytest

from producers.extract.extract import extract
from producers.extract.results import Extracted, Refusal

TITLE = "بلدية العين الزرقاء تفتتح جسر المشاة الجديد"
FIRST = "أعلنت بلدية العين الزرقاء صباح اليوم افتتاح جسر المشاة الجديد أمام المدرسة الثانوية، بعد أعمال استمرت سبعة أشهر."
SECOND = "وقال رئيس البلدية سامر الحداد إن الجسر يخدم أكثر من ألفي طالب كل يوم، وإن كلفته بلغت مئتي ألف دينار."
LAST = "ومن المقرر أن تبدأ الشهر المقبل أعمال جسر ثان قرب السوق القديم، وفق ما جاء في بيان البلدية."
STORY = f"{FIRST}\n\n{SECOND}\n\n{LAST}"
P = f"<p>{FIRST}</p><p>{SECOND}</p><p>{LAST}</p>"
BR = f"{FIRST}<br><br>{SECOND}<br><br>{LAST}"
ISO, UTC = "2026-11-22T10:30:00+03:00", "2026-11-22T07:30:00Z"
H1 = f"<h1>{TITLE}</h1>"
OTHERS = [
    "أمطار غزيرة على الساحل وتوقعات باستمرارها",
    "أسعار القمح تقفز لليوم الرابع",
    "المنتخب يعود من معسكره في الجبل",
    "معرض الكتاب يفتح أبوابه",
]
CARDS = "".join(f'<li><a href="/n/{n}">{title}</a></li>' for n, title in enumerate(OTHERS * 4))
MENU = (
    '<nav><ul><li><a href="/">الرئيسية</a></li><li><a href="/eco">اقتصاد</a></li><li><a href="/sport">رياضة</a></li></ul></nav>'
)
META = f'<meta property="article:published_time" content="{ISO}">'


def page(body: str, head: str = META, classes: str = "", title: str = TITLE) -> str:
    return (
        f'<!DOCTYPE html><html lang="ar" dir="rtl"><head><meta charset="utf-8"><title>{title} - المدار</title>{head}</head>'
        f'<body class="{classes}"><header>{MENU}</header>{body}<footer>جميع الحقوق محفوظة</footer></body></html>'
    )


def linked_data(**fields: object) -> str:
    node = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": TITLE, "datePublished": ISO} | fields
    return f'<script type="application/ld+json">{json.dumps(node, ensure_ascii=False)}</script>'


# fmt: off
ARTICLES = {
    "wordpress classic": page(f'<article class="post hentry"><h1 class="entry-title">{TITLE}</h1><div class="entry-content">{P}</div></article><aside id="secondary" class="widget-area"><ul>{CARDS}</ul></aside>', classes="single single-post"),
    "wordpress blocks": page(f'<main class="wp-block-group"><h1 class="wp-block-post-title">{TITLE}</h1><time class="wp-block-post-date" datetime="{ISO}">22 نوفمبر</time><div class="entry-content wp-block-post-content">{P}</div></main>', head=""),
    "wordpress elementor": page(f'<div class="elementor"><h1 class="elementor-heading-title">{TITLE}</h1><div class="elementor-widget-theme-post-content"><div class="elementor-widget-container">{P}</div></div></div><div class="elementor-posts-container">{CARDS}</div>'),
    "wordpress jannah": page(f'<article id="the-post"><header class="entry-header"><h1 class="post-title entry-title">{TITLE}</h1></header><div class="entry-content entry clearfix">{P}</div><div class="share-buttons share-buttons-bottom"><a href="#">فيسبوك</a></div></article><div id="related-posts" class="container-wrapper"><ul>{CARDS}</ul></div>'),
    "wordpress newspaper theme": page(f'<article><h1 class="entry-title">{TITLE}</h1><time class="entry-date td-module-date" datetime="{ISO}">22</time><div class="td-post-content tagdiv-type">{P}</div></article><div class="td_block_related_posts">{CARDS}</div>', head=""),
    "drupal 7": page(f'<div id="node-77" class="node node-article"><h1 class="page-title">{TITLE}</h1><div class="field field-name-body field-type-text-with-summary"><div class="field-items"><div class="field-item even" property="content:encoded">{P}</div></div></div></div>', classes="node-type-article"),
    "drupal 10": page(f'<article class="node node--type-article node--view-mode-full">{H1}<div class="node__content"><div class="text-formatted field field--name-body">{P}</div></div></article>'),
    "joomla": page(f'<div class="item-page" itemscope itemtype="https://schema.org/Article"><h1 itemprop="headline">{TITLE}</h1><dl class="article-info"><dd class="published"><time datetime="{ISO}" itemprop="datePublished">22</time></dd></dl><div itemprop="articleBody">{P}</div></div>', head=""),
    "joomla k2": page(f'<div id="k2Container" class="itemView"><h1 class="itemTitle">{TITLE}</h1><div class="itemBody"><div class="itemIntroText"><p>{FIRST}</p></div><div class="itemFullText"><p>{SECOND}</p><p>{LAST}</p></div></div><div class="itemRelated"><ul>{CARDS}</ul></div></div>'),
    "blogger": page(f'<div class="post hentry"><h3 class="post-title entry-title">{TITLE}</h3><abbr class="published" title="{ISO}">22</abbr><div class="post-body entry-content" dir="rtl" style="text-align:right">{BR}</div></div><div class="comments" id="comments"><p>لا توجد تعليقات</p></div>', head=f'<meta property="og:title" content="{TITLE}"><meta itemprop="datePublished" content="{ISO}">'),
    "amp": page(f'<article class="amp-wp-article"><h1 class="amp-wp-title">{TITLE}</h1><amp-img src="a.jpg" width="1" height="1"></amp-img><div class="amp-wp-article-content">{P}</div></article><amp-ad type="x"></amp-ad>', head=linked_data()),
    "line breaks alone": page(f'{H1}<div class="text">{BR}</div>'),
    "line breaks in a table": page(f'<table><tr><td>{H1}<font size="4">{BR}</font></td><td>{CARDS}</td></tr></table>'),
    "divs for paragraphs": page(f'{H1}<div class="story"><div>{FIRST}</div><div>{SECOND}</div><div>{LAST}</div></div>'),
    "spans and line breaks": page(f'{H1}<div class="article-text"><span>{FIRST}</span><br><br><span>{SECOND}</span><br><br><span>{LAST}</span></div>'),
    "unclosed paragraphs": page(f"{H1}<div class=content><p>{FIRST}<p>{SECOND}<p>{LAST}</div>"),
    "one form": page(f'<form id="aspnetForm"><input type="hidden" name="__VIEWSTATE">{H1}<div class="detailsText">{P}</div></form>'),
    "lazy pictures": page(f'<article>{H1}<figure><img class="lazyload" data-src="a.jpg"><figcaption>جانب من الافتتاح</figcaption></figure><div class="article-body">{P}</div></article>'),
    "share line and font size": page(f'<article>{H1}<div class="tools">حجم الخط <a href="#">+</a> <a href="#">-</a> طباعة</div><div class="article-body">{P}<div class="share">شارك المقال <a href="#">تويتر</a></div></div></article>'),
    "advert in the middle": page(f'<article>{H1}<div class="article-body"><p>{FIRST}</p><div class="ads">إعلان</div><p>{SECOND}</p><p>{LAST}</p></div></article>'),
    "newsletter box": page(f'<article>{H1}<div class="article-body"><p>{FIRST}</p><p>{SECOND}</p><div class="newsletter-signup"><p>اشترك في نشرتنا البريدية ليصلك كل جديد.</p><input type="email"></div><p>{LAST}</p></div></article>'),
    "body in json-ld alone": page('<div id="root"></div>', head=linked_data(articleBody=STORY.replace("\n\n", "\n"))),
    "body in json-ld as html": page('<div id="app">جار التحميل</div>', head=linked_data(articleBody=P)),
    "next.js data": page(f'<div id="__next">{H1}</div><script id="__NEXT_DATA__" type="application/json">{json.dumps({"props": {"pageProps": {"article": {"title": TITLE, "body": P}}}}, ensure_ascii=False)}</script>'),
    "nuxt state": page(f"<div id=__nuxt>{H1}</div><script>window.__NUXT__={json.dumps({'data': [{'post': {'content': P}}]}, ensure_ascii=False)};</script>"),
    "graph of json-ld": page(f'{H1}<div class="c">{P}</div>', head=linked_data(**{"@graph": [{"@type": "WebPage"}, {"@type": "Article", "headline": TITLE, "datePublished": ISO}]})),
    "microdata": page(f'<div itemscope itemtype="http://schema.org/NewsArticle"><h1 itemprop="headline">{TITLE}</h1><meta itemprop="datePublished" content="{ISO}"><div itemprop="articleBody">{P}</div></div>', head=""),
    "data doubled in a script": page(f"<article>{H1}<div class='article-body'>{P}</div></article><script>var story={json.dumps({'body': P}, ensure_ascii=False)}</script>"),
    "second story below": page(f'<article>{H1}<div class="article-body">{P}</div></article><article><h1>{OTHERS[0]}</h1><div class="article-body"><p>{OTHERS[0]} {OTHERS[1]}، {OTHERS[2]} {OTHERS[3]} في كل مكان من البلاد.</p></div></article>'),
    "time in the text": page(f'<article>{H1}<span class="date">22 نوفمبر 2026 - 07:30</span><div class="article-body">{P}</div></article>', head=""),
    "very short": page(f"<article>{H1}<p>{FIRST}</p></article>"),
}
OTHER_PAGES = {
    "challenge": ('<html><head><title>Just a moment...</title></head><body><script src="/cdn-cgi/challenge-platform/h"></script></body></html>', "challenge"),
    "consent": (page("<h2>نحن وشركاؤنا نعالج البيانات</h2><p>يمكنك الموافقة على اختياراتك وإدارتها في أي وقت من خلال «إدارة التفضيلات».</p>", head="", title="قبل المتابعة"), "consent"),
    "not found with 200": (page("<h1>404</h1><p>عذرا، الصفحة التي تبحث عنها غير موجودة.</p>", head="", title="الصفحة غير موجودة"), "error"),
    "search": (page(f"<h1>نتائج البحث عن: الجسر</h1><ul>{CARDS}</ul>", head="", classes="search search-results", title="نتائج البحث"), "search"),
    "tag": (page(f"<h1>جسور</h1><ul>{CARDS}</ul>", head="", classes="archive tag", title="جسور"), "listing"),
    "section": (page(f"<h1>محليات</h1><ul>{CARDS}</ul>", head="", title="محليات"), "listing"),
    "home": (page(f"<h2>الأخبار</h2><ul>{CARDS}{CARDS}</ul>", head='<meta property="og:type" content="website">', title="الرئيسية"), "listing"),
    "redirect": ('<html><head><meta http-equiv="refresh" content="0; url=https://k.example/2"></head><body></body></html>', "redirect"),
    "paywall": (page(f"<article>{H1}<p>{FIRST}</p><div>اشترك الآن لمتابعة القراءة</div></article>"), "paywall"),
    "login": (page("<h1>تسجيل الدخول</h1><form><input type=text><input type=password><button>دخول</button></form>", head="", title="تسجيل الدخول"), "consent"),
    "empty shell": ('<html><head><title>المدار</title></head><body><div id="root"></div><script src="app.js"></script></body></html>', "empty"),
    "message of the site": (page("<p>يرجى تفعيل جافا سكريبت في المتصفح.</p>", head="", title="المدار الإخباري"), "empty"),
}
# fmt: on


@pytest.mark.parametrize("layout", ARTICLES)
def test_a_story_comes_out_whole_with_its_headline_and_time(layout: str) -> None:
    found = extract(ARTICLES[layout], url="https://madar.example/local/77")

    assert isinstance(found, Extracted), found
    assert (found.title, found.published_at) == (TITLE, UTC)
    assert found.text == (FIRST if layout == "very short" else STORY)


@pytest.mark.parametrize("layout", OTHER_PAGES)
def test_what_is_no_story_is_refused_by_name(layout: str) -> None:
    markup, reason = OTHER_PAGES[layout]

    found = extract(markup, url="https://madar.example/local/77")

    assert isinstance(found, Refusal), found
    assert found.reason == reason


@pytest.mark.parametrize("headline", ["", "<h1>ترميم المدرسة القديمة</h1>"])
def test_a_page_of_one_sentence_about_its_headline_is_a_story(headline: str) -> None:
    found = extract(
        f"<html dir=rtl><head><title>ترميم المدرسة القديمة</title></head><body>{headline}<p>بدأ ترميم المدرسة القديمة.</p></body></html>"
    )

    assert isinstance(found, Extracted), found
    assert (found.title, found.text) == ("ترميم المدرسة القديمة", "بدأ ترميم المدرسة القديمة.")
