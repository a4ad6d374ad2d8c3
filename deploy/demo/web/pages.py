"""How the invented sites write their feeds and pages: three layouts, with what sites put around a story."""

from __future__ import annotations

import json
from collections.abc import Sequence
from email.utils import format_datetime
from html import escape

from deploy.demo.web.press import SITES, Site, Story

READ_ALSO = 2  # titles below a story


def feed(site: Site, stories: Sequence[Story], base: str) -> str:
    """Writes the site's feed, RSS 2.0 with titles and links alone."""
    items = "".join(
        f"<item><title>{escape(story.title)}</title><link>{address(story, base)}</link>"
        f"<pubDate>{format_datetime(story.published)}</pubDate></item>\n"
        for story in stories
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(site.title)}</title><link>{base}/{site.name}/</link>\n{items}</channel></rss>\n"
    )


def page(story: Story, others: Sequence[Story], base: str) -> str:
    """Writes the story's page in its site's layout, with the titles of some other stories of the site below it."""
    site = SITES[story.site]
    related = "".join(
        f'<li><a href="{address(other, base)}">{escape(other.title)}</a></li>'
        for other in [other for other in others if other.path != story.path][:READ_ALSO]
    )
    head = (
        f'<!doctype html><html lang="ar" dir="rtl"><head><meta charset="utf-8">'
        f"<title>{escape(story.title)} - {site.title}</title>"
        f'<link rel="canonical" href="{address(story, base)}">{_metadata(story, site)}</head><body>'
        f'<header><a href="{base}/{site.name}/">{site.title}</a><nav><a href="#">سياسة</a> <a href="#">اقتصاد</a></nav></header>'
    )
    below = f"<section><h3>اقرأ أيضاً</h3><ul>{related}</ul></section>" if related else ""
    return f"{head}<main>{_article(story, site)}{below}</main><footer>جميع الحقوق محفوظة {site.title}</footer></body></html>"


def address(story: Story, base: str) -> str:
    """Gives the story's address; `base` is that of the server."""
    return f"{base}/{story.site}/{story.path}"


def _metadata(story: Story, site: Site) -> str:
    modified = story.modified or story.published
    if site.layout != "linked_data":
        return (
            f'<meta property="og:title" content="{escape(story.title)}"><meta name="author" content="{story.author}">'
            f'<meta property="article:published_time" content="{story.published.isoformat()}">'
            f'<meta property="article:modified_time" content="{modified.isoformat()}">'
        )
    linked_data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": story.title,
        "datePublished": story.published.isoformat(),
        "dateModified": modified.isoformat(),
        "author": {"@type": "Person", "name": story.author},
        "articleSection": story.section,
    }
    written = json.dumps(linked_data, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{written}</script>'


def _article(story: Story, site: Site) -> str:
    paragraphs = [escape(paragraph) for paragraph in story.text.split("\n\n")]
    by_line = f"<p class='byline'>{story.author}</p>"
    if site.layout == "line_breaks":
        return f"<div class='story'><h1>{escape(story.title)}</h1>{by_line}<div>{'<br><br>'.join(paragraphs)}</div></div>"
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<article><h1>{escape(story.title)}</h1>{by_line}{body}</article>"
