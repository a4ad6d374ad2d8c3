"""Lines of a page's tools that lie among its text: share words, font sizes, counters, dates and by-lines. Pure."""

from __future__ import annotations

import re

from producers.extract.names import NAMES, any_of, words
from streams.arabic.folding import fold

_TOOL_WORDS = frozenset(NAMES["tools"]["words"])
_TOOL_WORD_OF_ITS_OWN = frozenset(NAMES["tools"]["alone"])
_WORD = re.compile(r"[^\W\d_]+")
_DATE = re.compile(
    r"\d{1,2}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{2,4}|\d{4}\s*[-/.]\s*\d{1,2}\s*[-/.]\s*\d{1,2}|\d{1,2}\s*،?\s*(?:[^\W\d_]+\s*[/|]?\s*){1,3}،?\s*\d{4}|[^\W\d_]+\s+\d{1,2}\s*[,،]\s*\d{4}|\d{1,2}:\d{2}"
    r"|^منذ\s+\S+(?:\s+\S+){0,2}$|^قبل\s+\d+\s+\S+$"
)
_BYLINE = re.compile(
    r"(?:كتب(?:ت|ه|ها)?|بقلم|إعداد|اعداد|تحرير|تصوير|المحرر|الكاتب|كاتب|الكاتبة|بواسطة|مراسل(?:ة|نا)?|حوار|حاوره|حاورها|ترجمة|متابعة|متابعات|by)\s*[:/\-–|ـ]?\s*\S+(?:\s+\S+){0,7}",
    re.IGNORECASE,
)
_LABEL = re.compile(rf"{any_of('tools', 'label')}\b.{{0,80}}", re.IGNORECASE)
_LABELLED = re.compile(rf"\W*(?:(?:ال)?تاريخ|date|{any_of('tools', 'label')})\b", re.IGNORECASE)
_CALL = words("tools", "call")
_CAPTION = words("tools", "caption")
_NAME_DIGITS = 2  # in the name of a channel
_IN_BRACKETS = re.compile(r"\([^()]*\)")


def is_tool(text: str) -> bool:
    """Tells whether the line is nothing but tools of the page: share words, font size, counters, a call to follow."""
    if len(text) > 160:
        return False
    if _CALL.fullmatch(text) or (len(text) < 140 and _CALL.match(text) and not text.rstrip().endswith(".")):
        return True
    found = _WORD.findall(fold(text))
    if not found:
        return True  # a number, a bullet, a line of dashes
    return (
        len(found) <= 24 and all(word in _TOOL_WORDS for word in found) and any(word in _TOOL_WORD_OF_ITS_OWN for word in found)
    )


def is_date_line(text: str) -> bool:
    """Tells whether the line is a date or time of the page, perhaps with a label or a place before it."""
    if len(text) > 100:
        return False
    if _LABEL.fullmatch(text):
        return True
    left, dates = _DATE.subn(" ", text, count=0 if "|" in text else 1)
    most = 6 if "|" in text else 4
    return dates > 0 and len(_WORD.findall(left)) <= most


def is_sign_off(text: str) -> bool:
    """Tells whether the line is the names or initials of who wrote and edited, with the agencies, as they stand below a text."""
    if len(text) > 80 or "/" not in text or text.endswith((".", "؟", "!", ":", "»", "،")):
        return False
    parts = [_WORD.findall(part) for part in _IN_BRACKETS.sub(" ", text).split("/")]
    return sum(map(str.isdigit, text)) <= _NAME_DIGITS and all(1 <= len(part) <= 4 for part in parts)


def is_caption(text: str) -> bool:
    """Tells whether the line says itself that it describes or credits a picture."""
    return len(text) <= 260 and _CAPTION.fullmatch(text) is not None


def is_labelled_date(text: str) -> bool:
    """Tells whether the line is a date with a word before it that says so, wherever on the page it stands."""
    return _LABELLED.match(text) is not None and _DATE.search(text) is not None


def is_byline(text: str) -> bool:
    """Tells whether the line names who wrote, edited or photographed, and nothing else."""
    return len(text) <= 80 and _BYLINE.fullmatch(text) is not None and not text.rstrip().endswith((".", "،", ":"))
