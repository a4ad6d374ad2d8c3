"""Whole stories that a page loads below its own without a word that announces them, and the share bars between them."""

from __future__ import annotations

import re

from streams.split.draft import Draft
from streams.split.evidence import continues_report, first_words, restates
from streams.split.segments import Rule
from streams.split.unannounced.lines import UNDECIDED, is_dated, is_heading, is_paragraph, is_title
from streams.split.unannounced.subject import SHARED_LEDE, SHARED_PARAGRAPH, Subject

# Lengths in code points, and lines from a headline to its story's first paragraph; chosen by reading.
_LONGEST_BYLINE, _LONGEST_CRUMB, _LONGEST_BAR, _HEAD_LINES, _SHORTEST_HEADLINE = 40, 40, 90, 3, 20
_FEWEST_IN_BAR, _MOST_IN_BAR = 2, 12  # words
_BREADCRUMB = re.compile(r"الرئيسية\s*[»>/›|\\]")
_BYLINE = re.compile(r"(?:كتب|كتبت|بقلم|تحرير|إعداد)\s*[:/-]?\s*\S+")
# What a share bar consists of, folded: networks, and what one does with them.
_NETWORKS = frozenset(
    [
        "facebook",
        "linkedin",
        "telegram",
        "twitter",
        "whatsapp",
        "بينترست",
        "تلجرام",
        "تلغرام",
        "تليغرام",
        "تويتر",
        "تيليجرام",
        "تيليغرام",
        "فيس",
        "فيسبوك",
        "لينكد",
        "لينكدان",
        "لينكدين",
        "واتس",
        "واتساب",
    ]
)
_SHARING = _NETWORKS | frozenset(
    [
        "copy",
        "email",
        "instagram",
        "link",
        "messenger",
        "pinterest",
        "print",
        "share",
        "tweet",
        "viber",
        "x",
        "اب",
        "الالكتروني",
        "البريد",
        "الرابط",
        "المشاركه",
        "ان",
        "انستجرام",
        "انستغرام",
        "انستقرام",
        "ايميل",
        "بنترست",
        "بوك",
        "تيكتوك",
        "رابط",
        "ريديت",
        "سناب",
        "شات",
        "شارك",
        "شاركها",
        "شاركوا",
        "طباعه",
        "عبر",
        "علي",
        "ماسنجر",
        "مسنجر",
        "مشاركه",
        "نسخ",
        "يوتيوب",
    ]
)
_SHARE_WORDS = frozenset(["شارك", "شاركها", "شاركوا", "مشاركه", "المشاركه", "share", "نسخ", "طباعه"])
_CLOSING = frozenset({"social", "source_credit", "keywords", "copyright", "other_boilerplate"})
# Nearly every line ends with the beginning of its first word.
_SHARING_BEGINS = frozenset(word[:n] for word in _SHARING for n in range(1, len(word) + 1))
_FEWEST_OWN, _FEWEST_BELOW = 2, 2  # paragraphs of the page's own story, and of the other one; chosen by reading
_RULE: Rule = "a headline and a by-line begin another story"


def mark_share_bars(draft: Draft) -> None:
    """Marks lines that are names of networks and nothing else, below the first paragraph."""
    for i in range(1, len(draft.lines)):
        if draft.kinds[i] in UNDECIDED and draft.lines[i].end - draft.lines[i].start <= _LONGEST_BAR and _is_share_bar(draft, i):
            draft.overrule(i, "social", "names of networks")


def _is_share_bar(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    first = first_words(content)
    if first and first[0] not in _SHARING_BEGINS:
        return False
    words = first_words(content, _MOST_IN_BAR + 1)
    if not _FEWEST_IN_BAR <= len(words) <= _MOST_IN_BAR or not all(word in _SHARING for word in words):
        return False
    # One network alone on a line is a word of the text, though its name may be of two: its site put it on a line of its own.
    networks = len(_NETWORKS.intersection(words))
    return networks >= _FEWEST_IN_BAR or (networks > 0 and not _SHARE_WORDS.isdisjoint(words))


def mark_following_stories(draft: Draft, paragraphs: list[int]) -> None:
    """Marks stories that begin below the page's own: a breadcrumb or share bar, a headline, a by-line or date, then the text.

    The text says the headline again. Where neither stands above the headline, a by-line below it is needed.
    """
    i = paragraphs[0] + 1
    while i < len(draft.lines):
        if draft.lines[i].end - draft.lines[i].start > 2 * _LONGEST_BYLINE or not _is_head(draft, i):
            i += 1
            continue
        body = i + 1
        while body < len(draft.lines) and body - i < _HEAD_LINES and _is_head(draft, body):
            body += 1
        if body < len(draft.lines) and _begins_story(draft, i, body):
            _mark_story(draft, i - 1, body)
        i = body


def _begins_story(draft: Draft, head: int, body: int) -> bool:
    title = draft.content(head - 1)
    if draft.kinds[head - 1] not in UNDECIDED or len(title) < _SHORTEST_HEADLINE or not draft.is_headline(title):
        return False
    if not is_paragraph(draft, body) or continues_report(draft.content(body)) or not restates(title, draft.content(body)):
        return False
    closed = draft.kinds[head - 2] in _CLOSING
    return closed or _is_breadcrumb(draft, head - 2) or any(_is_byline(draft, k) for k in range(head, body))


def mark_strange_stories(draft: Draft, paragraphs: list[int]) -> None:
    """Marks a story below the page's own that a headline alone begins: all from there on speaks of the headline's subject.

    What closes the page's own story stands above the headline, or a breadcrumb, or a short line that can be a heading; else two
    paragraphs below the first one speak of nothing that the page's own story tells.
    """
    for body in paragraphs:
        title = body - 1
        if title <= paragraphs[0] or not is_title(draft, title, _SHORTEST_HEADLINE):
            continue
        own = [k for k in paragraphs if k < title]
        below = [k for k in paragraphs if k > body]
        if (
            len(own) < _FEWEST_OWN
            or continues_report(draft.content(body))
            or not restates(draft.content(title), draft.content(body))
        ):
            continue
        subject = Subject(draft, own)
        if not subject.is_strange(title) or subject.share(draft.content(body)) > SHARED_LEDE or not below:
            continue
        if not _tell_other_story(draft, below, subject, Subject(draft, [title, body], own=False)):
            continue
        headed = _is_headed(draft, title)
        alone = len(own) > _FEWEST_OWN and below[:_FEWEST_BELOW] == list(range(body + 1, body + 1 + _FEWEST_BELOW))
        if headed or alone or draft.kinds[title - 1] in _CLOSING or _is_breadcrumb(draft, title - 1):
            _mark_story(draft, title, body)
            if headed:
                draft.overrule(title - 1, "read_also_title", _RULE)
            return


def _tell_other_story(draft: Draft, below: list[int], own: Subject, other: Subject) -> bool:
    """Tells whether the paragraphs below tell more of the other story than of the page's own, of which none tells much."""
    shares = [(own.share(draft.content(k)), other.share(draft.content(k))) for k in below]
    return all(share <= SHARED_PARAGRAPH for share, _ in shares) and sum(a for a, _ in shares) < sum(b for _, b in shares)


def _is_headed(draft: Draft, title: int) -> bool:
    """Tells whether the line above the title can be its heading: with a colon, or below what closes the page's own story."""
    above = title - 1
    return is_heading(draft, above) and (draft.content(above)[-1] == ":" or draft.kinds[above - 1] in _CLOSING)


def _mark_story(draft: Draft, title: int, body: int) -> None:
    draft.overrule(title, "read_also_title", _RULE)
    for k in (*((title - 1,) if _is_breadcrumb(draft, title - 1) else ()), *range(title + 1, body)):
        draft.overrule(k, "other_boilerplate", _RULE)
    for k in range(body, len(draft.lines)):
        if draft.kinds[k] in ("", "body"):
            draft.overrule(k, "read_also_body", "below an appended title")


def _is_head(draft: Draft, i: int) -> bool:
    """Tells whether line i is a by-line or a date, as stand between a headline and its text."""
    return draft.kinds[i] in (*UNDECIDED, "other_boilerplate") and (_is_byline(draft, i) or is_dated(draft, i))


def _is_byline(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    return len(content) <= _LONGEST_BYLINE and _BYLINE.match(content) is not None


def _is_breadcrumb(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    return len(content) <= _LONGEST_CRUMB and _BREADCRUMB.match(content) is not None
