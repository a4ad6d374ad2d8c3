"""Which pages are no articles, by what they say of themselves and by how their text lies. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote, urlsplit

from lxml import etree

from producers.extract.blocks import Block
from producers.extract.linked_data import ARTICLE_TYPES, LIST_TYPES, types_of
from producers.extract.metadata import PageData
from producers.extract.names import NAMES, words
from producers.extract.results import Refusal, RefusalReason
from producers.extract.tree import attribute, text_of
from streams.arabic.folding import fold

_CHALLENGE = words("refusals", "challenge")
_CHALLENGE_CODE = words("refusals", "challenge_code")
_ERROR = words("refusals", "error")
_CONSENT = words("refusals", "consent")
_LOGIN = words("refusals", "login")
_PAYWALL = words("refusals", "paywall")
_SEARCH_TITLE = words("refusals", "search")
_STATIC_TITLE = words("refusals", "static")
_LIST_CLASSES = frozenset(NAMES["refusals"]["list_classes"])
_LIST_PATH = re.compile(
    r"/(?:tags?|categor(?:y|ies)|sections?|topics?|authors?|writers?|keywords?|وسم|الوسوم|تصنيف|قسم|كاتب)/[^/]+/?(?:page/\d+/?)?$",
    re.IGNORECASE,
)
_SEARCH_PATH = re.compile(r"/(?:search|بحث)(?:/|$|\.)", re.IGNORECASE)
_SEARCH_QUERY = re.compile(r"(?:^|&)(?:s|q|query|search|keyword|keywords)=", re.IGNORECASE)
_HOME_PATH = re.compile(r"/?(?:[a-z]{2}(?:[-_][a-z]{2})?|arabic|home|main)?/?(?:(?:index|default|home)\.\w{3,5})?", re.IGNORECASE)
_BLOCKS_BELOW = 12  # a text in which an offer to read on belongs to it (chosen by reading)
_SOME_TITLES = 6  # linked titles on a page of little text that make it a list (chosen by reading)
_MANY_TITLES = 15  # the same, on a page that its address or classes call a list
_LONG_ARTICLE_WORDS = 300  # words after which such a page is believed to be an article all the same (chosen by reading)
_FEW_WORDS, _FEWEST_WORDS = 12, 4
_ARTICLE_WORDS = (
    120  # words of one text after which a page is believed to be an article, whatever its address (chosen by reading)
)
_SHORT_ARTICLE_WORDS = 40  # the same, where the page calls itself an article (chosen by reading)


def refuse_shell(  # noqa: PLR0911 - a reason each
    root: etree._Element, markup: str, page_words: int, title: str, data: PageData
) -> Refusal | None:
    """Returns why a page of little text is none: a redirect, a challenge, a consent wall, a login, an error."""
    if page_words > 250:
        return None
    for meta in root.iter("meta"):
        content = attribute(meta, "content").lower()
        if attribute(meta, "http-equiv").lower() == "refresh" and "url=" in content.replace(" ", "") and page_words < 60:
            return Refusal(reason=RefusalReason.REDIRECT, detail=f"sends on to {content.partition('=')[2][:200]}")
    if _says_article(data):
        return None
    text = text_of(root)[:3000]
    head = f"{title} {text[:200]}"
    if page_words < 120 and (_CHALLENGE.search(head) or (_CHALLENGE_CODE.search(markup) and page_words < 40)):
        return Refusal(reason=RefusalReason.CHALLENGE, detail=f"asks for proof of a human visitor: {title[:80]!r}")
    if page_words < 40 and re.search(r"(?:window|document|self|top)\.location(?:\.href|\.replace)?\s*(?:=(?!=)|\()", markup):
        return Refusal(reason=RefusalReason.REDIRECT, detail="a script sends on to another address")
    if page_words < 120 and _CONSENT.search(text):
        return Refusal(reason=RefusalReason.CONSENT, detail="asks for consent before the text")
    if page_words < 120 and root.find(".//input[@type='password']") is not None and _LOGIN.search(text):
        return Refusal(reason=RefusalReason.CONSENT, detail="asks for a login before the text")
    return None


def refuse_kind(root: etree._Element, data: PageData, url: str | None, title: str | None, prose_words: int) -> Refusal | None:
    """Returns why the page is no article by what it says of itself; a page that calls itself one article is none of these.

    `prose_words` are the words of running text on the whole page: a headline may have the words of an error or a search.
    """
    body = root.find("body")
    classes = set(attribute(body, "class").lower().split()) if body is not None else set()
    types = [types_of(node) for node in data.nodes]
    is_article = sum(bool(kinds & (ARTICLE_TYPES - {"VideoObject"})) for kinds in types) == 1 or bool(
        classes & {"single", "single-post", "page-node-type-article", "node-type-article", "node-type-news"}
    )
    if "error404" in classes or (
        title and len(title) < 90 and not is_article and prose_words < _ARTICLE_WORDS and _ERROR.search(title)
    ):
        return Refusal(reason=RefusalReason.ERROR, detail=f"an error page: {(title or '')[:80]!r}")
    if is_article and "archive" not in classes:
        return None
    parts = urlsplit(url or "")
    path = unquote(parts.path)
    if (
        classes & {"search-results", "search-no-results"}
        or any("SearchResultsPage" in kinds for kinds in types)
        or (_SEARCH_TITLE.match(title or "") and not _says_article(data))
    ):
        return Refusal(reason=RefusalReason.SEARCH, detail="results of a search")
    if (_SEARCH_PATH.search(path) or (path in ("", "/") and _SEARCH_QUERY.search(parts.query))) and not data.article:
        return Refusal(reason=RefusalReason.SEARCH, detail=f"the address of a search: {url}")
    if title and _STATIC_TITLE.fullmatch(title) and not data.article:
        return Refusal(reason=RefusalReason.STATIC, detail=f"a page about the site: {title[:80]!r}")
    return None


def list_evidence(root: etree._Element, data: PageData, url: str | None) -> Refusal | None:
    """Returns why the page is a list by its address, its classes or its JSON-LD: to be believed where it shows no long text."""
    body = root.find("body")
    classes = set(attribute(body, "class").lower().split()) if body is not None else set()
    named = classes & _LIST_CLASSES
    if named or any(types_of(node) & (LIST_TYPES - {"ItemList"}) for node in data.nodes):
        return Refusal(reason=RefusalReason.LISTING, detail=f"calls itself a list ({', '.join(sorted(named)) or 'JSON-LD'})")
    parts = urlsplit(url or "")
    path = unquote(parts.path)
    if url and _HOME_PATH.fullmatch(path) and not parts.query:
        return Refusal(reason=RefusalReason.LISTING, detail="the address of a home page")
    if _LIST_PATH.search(path):
        return Refusal(reason=RefusalReason.LISTING, detail=f"the address of a section, tag or author: {url}")
    return None


def _says_article(data: PageData) -> bool:
    return bool(data.article) or data.meta.get("og:type", "").lower().endswith("article") or "article:published_time" in data.meta


def refuse_text(  # noqa: PLR0911 - a reason each
    blocks: Sequence[Block], data: PageData, title: str | None, whole: Sequence[Block], evidence: Refusal | None
) -> Refusal | None:
    """Returns why the text that was found is no article: too little, the beginning before an offer, cards of other stories."""
    count = sum(block.words for block in blocks)
    own_words = count - sum(block.linked_words for block in blocks)
    says = _says_article(data)
    titles = _linked_titles(whole)
    enough = _SHORT_ARTICLE_WORDS if says else _ARTICLE_WORDS if titles < _MANY_TITLES else _LONG_ARTICLE_WORDS
    if evidence and not data.article and own_words < enough:
        return evidence
    if not says and _is_list_of_titles(count, own_words, titles, title, data):
        return Refusal(reason=RefusalReason.LISTING, detail=f"{titles} titles of other stories, {own_words} words of text")
    if count < _FEW_WORDS and not (title and count >= _FEWEST_WORDS and (says or _tells_of(title, blocks))):
        return Refusal(reason=RefusalReason.EMPTY, detail=f"{count} words of text")
    if count < 120 and not says and any(_ERROR.search(block.text) for block in blocks[:3]):
        return Refusal(reason=RefusalReason.ERROR, detail=f"an error message: {blocks[0].text[:80]!r}")
    if count < 90 and _offers_subscription(blocks, whole):
        return Refusal(reason=RefusalReason.PAYWALL, detail=f"{count} words before an offer of a subscription")
    if not data.article and _is_cards(blocks, own_words):
        return Refusal(reason=RefusalReason.LISTING, detail="cards of other stories instead of a text")
    return None


def _tells_of(title: str, blocks: Sequence[Block]) -> bool:
    """Tells whether the text has most words of the headline, as a story has and a message of the site has not."""
    words = set(fold(title).split())
    in_text = {word for block in blocks for word in fold(block.text).split()}
    return len(words) >= 2 and len(words & in_text) > 0.5 * len(words)


def _is_list_of_titles(count: int, own_words: int, titles: int, title: str | None, data: PageData) -> bool:
    """Tells whether there are many titles of other stories and little text, and no headline above it that is more than a name."""
    has_headline = title is not None and len(title.split()) >= 4
    if titles >= _MANY_TITLES and own_words < _ARTICLE_WORDS and not has_headline:
        return True
    if titles < _SOME_TITLES or own_words >= _SHORT_ARTICLE_WORDS:
        return False
    return count < 20 or not has_headline or data.meta.get("og:type", "").lower() == "website"


def _offers_subscription(blocks: Sequence[Block], whole: Sequence[Block]) -> bool:
    """Tells whether an offer to read on stands in the text or right below it, and not in the menus of the page."""
    own = {id(block) for block in blocks}
    last = max((number for number, block in enumerate(whole) if id(block) in own), default=len(whole))
    first = min((number for number, block in enumerate(whole) if id(block) in own), default=0)
    return any(_PAYWALL.search(block.text) for block in whole[first : last + _BLOCKS_BELOW])


def _linked_titles(blocks: Sequence[Block]) -> int:
    return sum(block.words >= 4 and block.linked_words >= 0.8 * block.words for block in blocks)


def _is_cards(blocks: Sequence[Block], own_words: int) -> bool:
    """Tells whether most of the text hangs on linked titles: five of them at least, no two paragraphs in a row without one."""
    titles = [i for i, block in enumerate(blocks) if block.words >= 4 and block.linked_words >= 0.8 * block.words]
    if len(titles) < 5:
        return False
    linked = sum(blocks[i].words for i in titles)
    gaps = [later - earlier - 1 for earlier, later in zip(titles, [*titles[1:], len(blocks)], strict=True)]
    return linked > 0.5 * own_words or (sum(gap <= 2 for gap in gaps) >= 0.8 * len(gaps) and titles[0] <= 2)
