"""What a fragment says: the page on a site that draws its pages itself, a post on a live page, or a spot within a page. Pure."""

from __future__ import annotations

import re
from urllib.parse import unquote

_ROUTE = re.compile(r"[!/]+[^!/]")
_PARAMETER = re.compile(r"\??(?:id|article|story|news|post|page|p)=.", re.IGNORECASE)
# What a post is called, joined by such signs to an id with a digit in it.
_POST_WORDS = frozenset(
    {
        *("live", "blog", "liveblog", "liveupdate", "block", "post", "item", "entry", "update", "asset", "article", "story"),
        *("news", "id", "msg", "message", "event", "key", "pinned", "p"),
        *("خبر", "الخبر", "أخبار", "تحديث", "مقال", "منشور", "حدث", "بث", "مباشر"),
    }
)
_JOINTS = re.compile(r"[-_:/.]+")
_WORD_BEFORE_NUMBER = re.compile(r"^([^\W\d_]+)(?=\d)")
_PART_OF_ID = re.compile(r"[0-9a-f]+|\w*\d\w*", re.IGNORECASE)
_ID = re.compile(r"(?=[0-9a-f.-]*\d)[0-9a-f][0-9a-f.-]+", re.ASCII | re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_DIRECTIVE = ":~:"  # what follows tells the browser alone to mark a text


def names_page(fragment: str) -> str:
    """Returns the part of the fragment that names a page or a post on it, as it is written; an empty text when none does.

    >>> names_page("!/article/77:~:text=a"), names_page("block-64f0a1"), names_page("comment-12")
    ('!/article/77', 'block-64f0a1', '')
    """
    fragment = fragment.partition(_DIRECTIVE)[0]
    if _ROUTE.match(fragment) or _PARAMETER.match(fragment):
        return fragment
    plain = unquote(fragment)
    return fragment if _ID.fullmatch(plain) or _is_post(plain) else ""


def _is_post(fragment: str) -> bool:
    """Tells whether the fragment is words for a post and its id, or the path of a post, with or without a title behind the id."""
    parts = [part for part in _JOINTS.split(_WORD_BEFORE_NUMBER.sub(r"\1-", fragment)) if part]
    at = next((number for number, part in enumerate(parts) if part.lower() not in _POST_WORDS), len(parts))
    rest = parts[at:]
    if at == 0 or not any(map(_DIGIT.search, rest)):
        return False
    return "/" in fragment or all(map(_PART_OF_ID.fullmatch, rest))
