"""A page's HTML to the fields of its article, or why it is none. Pure: the same bytes give the same answer.

The tree is read once into blocks. The container is the element that its text, its names and the page's own JSON-LD agree
on, corrected by trafilatura's reading; where no text is shown, it is the text that the page keeps for scripts.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, tzinfo
from itertools import chain
from typing import NamedTuple
from urllib.parse import urljoin

from lxml import etree

from producers.extract import candidates, metadata
from producers.extract.asides import mark_asides
from producers.extract.blocks import Block, Layout, lay_out
from producers.extract.body import article_blocks, text_and_links
from producers.extract.date_lines import OF_OTHERS, date_lines
from producers.extract.headline import headline, same_words
from producers.extract.linked_data import NO_STATE, StateArticle, article_body, names_of, state_article
from producers.extract.metadata import PageData
from producers.extract.names import a_part
from producers.extract.page_tools import is_byline, is_date_line
from producers.extract.refusals import list_evidence, refuse_kind, refuse_shell, refuse_text
from producers.extract.results import Extracted, Refusal, RefusalReason, SiteSelectors
from producers.extract.second_opinion import is_plain, reconciled
from producers.extract.tree import page_text, parse, text_of

_MARKUP = re.compile(r"<(?:!doctype|html|head|body|div|p|article|title|meta|table|h1)\b", re.IGNORECASE)
_STANDFIRST = a_part("names", "standfirst")
_BYLINE_NAMES = re.compile(r"author|writer|byline|editor", re.IGNORECASE)
_CREDIT_WORDS = re.compile(r"^(?:كتب(?:ت|ه)?|بقلم|إعداد|اعداد|تحرير|بواسطة|الكاتب|المحرر|by)\s*[:/\-–|]?\s*", re.IGNORECASE)

_MOST_BLOCKS = 1000  # a page of more is no news story, and trafilatura takes a tenth of a millisecond a block (measured)
_ABOVE, _BELOW = 6, 16  # blocks above and below the headline where its time and author stand (chosen by reading)
_LITTLE_SHOWN = 60  # words of text on the page with which its scripts are not asked for more (chosen by reading)
_SAME_TEXT = 0.97  # F1 of words above which the page's own articleBody makes a second opinion needless (chosen by reading)


_Links = tuple[tuple[int, int, str], ...]
_Body = tuple[str, _Links]


class _Reading(NamedTuple):
    """A page as far as it is read before its text is known."""

    root: etree._Element
    data: PageData
    layout: Layout
    title: str | None
    title_element: etree._Element | None
    markup: str
    spoken: str  # the text as the page gives it to machines, perhaps empty


def extract(
    data: bytes | str,
    *,
    url: str | None = None,
    http_charset: str | None = None,
    zone: tzinfo = UTC,
    selectors: SiteSelectors | None = None,
) -> Extracted | Refusal:
    """Returns the fields of the page's article, or a Refusal; raises nothing. Times without a zone are in `zone`."""
    markup = page_text(data, http_charset) if isinstance(data, bytes) else data
    if not _MARKUP.search(markup):
        return Refusal(reason=RefusalReason.NOT_HTML, detail="no HTML element in it")
    root = parse(markup)
    if root is None:
        return Refusal(reason=RefusalReason.NOT_HTML, detail="no tree can be made of it")
    if selectors and selectors.remove:
        _remove(root, selectors.remove)
    page = metadata.page_data(root)
    layout = lay_out(root)
    page_title = root.find(".//title")
    shown_title = text_of(page_title) if page_title is not None else ""
    page_words = sum(block.words for block in layout.blocks)
    if refusal := refuse_shell(root, markup, page_words, shown_title, page):
        return refusal
    own_url = metadata.page_url(root, page, url, markup)
    title, title_element = _headline(root, page, selectors)
    prose_words = sum(block.words for block in layout.blocks if block.is_prose)
    if refusal := refuse_kind(root, page, own_url, title or shown_title, prose_words):
        return refusal
    spoken = article_body(page.article)
    mark_asides(root, layout, title_element, metadata.author(page, ()))
    reading = _Reading(root, page, layout, title, title_element, markup, spoken)
    blocks = _found_blocks(reading, selectors)
    text, links = text_and_links(blocks)
    state = _state(reading, blocks)
    if spare := _spare_text(blocks, spoken, state):
        text, links = spare, ()
    elif refusal := refuse_text(blocks, page, title, layout.blocks, list_evidence(root, page, own_url)):
        return refusal
    return _fields(reading, state, (text, _absolute(links, own_url or url)), own_url, zone)


def _remove(root: etree._Element, expression: str) -> None:
    for element in root.xpath(expression):  # type: ignore[union-attr]
        parent = element.getparent() if isinstance(element, etree._Element) else None  # noqa: SLF001 - its only name
        if parent is not None and isinstance(element, etree._Element):  # noqa: SLF001
            _cut(element, parent)


def _cut(element: etree._Element, parent: etree._Element) -> None:
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def _headline(root: etree._Element, page: PageData, selectors: SiteSelectors | None) -> tuple[str | None, etree._Element | None]:
    if selectors and selectors.title:
        found = root.xpath(selectors.title)
        if isinstance(found, list) and found and isinstance(found[0], etree._Element):  # noqa: SLF001
            return text_of(found[0]), found[0]
    return headline(root, page)


def _found_blocks(reading: _Reading, selectors: SiteSelectors | None) -> list[Block]:
    """Returns the article's own blocks, its standfirst before them."""
    root, layout, title, title_element = reading.root, reading.layout, reading.title, reading.title_element
    if selectors and selectors.body:
        chosen = root.xpath(selectors.body)
        ranges = [layout.of(e) for e in chosen if isinstance(e, etree._Element)] if isinstance(chosen, list) else []  # noqa: SLF001
        return article_blocks([b for first, last in ranges for b in candidates.content_of(layout, first, last)], title)
    bodies = candidates.named_bodies(root, layout)
    holds_hidden = candidates.release_zones(layout, bodies, title_element)
    container = candidates.best_container(layout, bodies, reading.spoken, title_element)
    first, last = layout.of(container) if container is not None else (0, 0)
    is_short = not any(block.is_prose for block in layout.blocks[first:last])
    short = (_short_body(layout, bodies) or _short_page(layout, title_element)) if is_short else []
    if container is None or short:
        return article_blocks(short, title)
    title_at = layout.of(title_element)[0] if title_element is not None else -1
    if first <= title_at < last and any(block.is_prose for block in layout.blocks[title_at:last]):
        first = title_at
    last = candidates.starts_second_story(layout, first, last, title)
    blocks = article_blocks(candidates.content_of(layout, first, last), title)
    blocks = _standfirst(layout, title_at, first, blocks) + blocks
    if reading.spoken and candidates.f1(_words(blocks), candidates.words_of([reading.spoken])) > _SAME_TEXT:
        return blocks
    if holds_hidden or len(layout.blocks) > _MOST_BLOCKS:  # trafilatura reads nothing that is hidden
        return blocks
    end = candidates.end_of_story(layout, bodies, container, max(title_at, 0), title)
    page_words = sum(b.words for b in layout.blocks[max(title_at, 0) : end] if b.is_prose and not b.zones)
    if is_plain(blocks, page_words):
        return blocks
    found = reconciled(
        blocks, lambda: article_blocks(candidates.content_of(layout, max(title_at, 0), end), title), reading.markup
    )
    return article_blocks(found, title)  # the edges of the text may have moved


def _words(blocks: list[Block]) -> Counter[str]:
    return candidates.words_of(block.text for block in blocks)


def _short_body(layout: Layout, bodies: list[etree._Element]) -> list[Block]:
    """Returns what a named body holds where nothing is long enough to be running text: a very short story."""
    for body in bodies:
        blocks = candidates.content_of(layout, *layout.of(body))
        if sum(block.words - block.linked_words for block in blocks) >= 4:
            return blocks
    return []


def _short_page(layout: Layout, title_element: etree._Element | None) -> list[Block]:
    """Returns what a page holds below its headline, where that is a few closed sentences without links and nothing else."""
    after = layout.of(title_element)[1] if title_element is not None else 0
    blocks = candidates.content_of(layout, after, len(layout.blocks))
    is_text = bool(blocks) and not any(block.linked_words or block.heading for block in blocks)
    return blocks if is_text and blocks[-1].text.endswith((".", "؟", "!", "»", '"')) else []


def _standfirst(layout: Layout, title_at: int, first: int, blocks: list[Block]) -> list[Block]:
    """Returns the block between headline and body that is named as the article's own summary, unless the body says it again."""
    if not 0 <= title_at < first:
        return []
    body_words = _words(blocks)
    for block in layout.blocks[title_at + 1 : first]:
        names = " ".join((e.get("class") or "") for e in (block.element, block.element.getparent()) if e is not None)
        own = candidates.words_of([block.text])
        if (
            _STANDFIRST.search(names)
            and not block.zones
            and 5 <= block.words <= 90
            and not block.text.rstrip().endswith(("...", "…", "[…]"))
            and (own & body_words).total() < 0.9 * own.total()
        ):
            return [block]
    return []


def _state(reading: _Reading, blocks: list[Block]) -> StateArticle:
    """Returns what the page keeps for scripts, where it shows little."""
    return NO_STATE if sum(block.words for block in blocks) >= _LITTLE_SHOWN else state_article(reading.root)


def _spare_text(blocks: list[Block], spoken: str, state: StateArticle) -> str | None:
    """Returns the text that the page keeps for machines or scripts, where it is much longer than what it shows."""
    shown = sum(block.words for block in blocks)
    for text in (spoken, state.text):
        words = len(text.split())
        if words > 2 * shown and (words >= 40 or (words >= 12 and shown < 6)):
            return "\n\n".join(text.split("\n"))
    return None


def _absolute(links: _Links, base: str | None) -> _Links:
    return tuple((start, end, _resolved(href.strip(), base)) for start, end, href in links)


def _resolved(href: str, base: str | None) -> str:
    if href.startswith(("#", "javascript:", "mailto:", "tel:")):
        return href
    try:
        return urljoin(base or "", href)
    except ValueError:
        return href


def _fields(reading: _Reading, state: StateArticle, body: _Body, url: str | None, zone: tzinfo) -> Extracted:
    root, page, layout, title, title_element, *_ = reading
    text, links = body
    at = _title_at(layout, title, title_element)
    near = [*layout.blocks[at : at + _BELOW], *layout.blocks[max(0, at - _ABOVE) : at]]  # below the headline first
    published, modified = _times(reading, at, near, zone, url)
    writers = (_CREDIT_WORDS.sub("", b.text) for b in near if b.words <= 8 and _is_author(b))
    return Extracted(
        title=title,
        text=text,
        links=links,
        url=url,
        published_at=published or metadata.time_of(state.first("state_published"), zone),
        modified_at=modified or metadata.time_of(state.first("state_modified"), zone),
        author=metadata.author(page, writers) or names_of(state.first("state_author")),
        section=metadata.section(page),
        tags=page.keywords
        or tuple(dict.fromkeys(b.text for b in layout.blocks if b.words <= 6 and "tags" in candidates.zone_names(b.zones)))[:30],
        language=metadata.language(root, page, text),
        image=metadata.image(page, url),
    )


def _times(reading: _Reading, at: int, near: list[Block], zone: tzinfo, url: str | None) -> tuple[str | None, str | None]:
    """Returns when the page was published and modified; `at` is the block of the headline, `near` the blocks around it."""
    root, page, layout, _, title_element, *_ = reading
    others = {z.element for z in layout.zones if z.reason in OF_OTHERS} - set(
        () if title_element is None else title_element.iterancestors()
    )
    beside: list[tuple[str, str]] = []
    apart: list[tuple[str, str]] = []
    for element, name, value in metadata.time_elements(root, title_element, others):
        first, last = layout.of(element)
        is_beside = element.get("itemprop") or first == last or (first < at + _BELOW and last > at - _ABOVE)
        (beside if is_beside else apart).append((name, value))
    return metadata.times(page, beside, chain(date_lines(layout, near), (value for _, value in apart)), zone, url)


def _title_at(layout: Layout, title: str | None, element: etree._Element | None) -> int:
    if element is not None and layout.of(element) != (0, 0):
        return layout.of(element)[0]
    return next((number for number, block in enumerate(layout.blocks) if title and same_words(block.text, title)), 0)


def _is_author(block: Block) -> bool:
    if is_date_line(block.text):
        return False
    return is_byline(block.text) or any(
        _BYLINE_NAMES.search(f"{z.element.get('class')} {z.element.get('id')}") for z in block.zones
    )
