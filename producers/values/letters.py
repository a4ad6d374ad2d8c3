r"""Letters and line ends that are still escaped in a text: `\n`, `\u0627`, `%u0627`, `%D8%A7`, `=D8=A7`, CR. Pure."""

from __future__ import annotations

import quopri
import re
from urllib.parse import unquote

from streams.json_repair import without_surrogates

_ARABIC = re.compile(r"\\{1,2}(?:u|U0000)06[0-9A-Fa-f]{2}")
_ESCAPE = re.compile(r"\\{1,2}(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([nrt/\"']))")
_LINE_END = re.compile(r"(?:\\{1,2}r)?\\{1,2}n(?![A-Za-z])")
_LINE_OR_QUOTE = re.compile(r"(?:\\{1,2}r)?\\{1,2}(n)(?![A-Za-z])|\\{1,2}([\"'])")
_MEANT = {"n": "\n", "r": "\r", "t": "\t"}
_OF_JAVASCRIPT = re.compile(r"%u([0-9A-Fa-f]{4})")
_OF_MAIL = re.compile(r"=[Dd][89ABab]=(?:\r?\n=)?[89ABab][0-9A-Fa-f]")  # Arabic letters in quoted-printable
_LINE_ENDS = re.compile(r"\r\n?")
FEWEST = 3  # escapes of JavaScript, of a URL or of a mail that make a text one of them (chosen by reading)


def may_be_escaped(text: str) -> bool:
    """Returns whether anything in the text may be for this module, at little cost."""
    return "\\" in text or "\r" in text or (text.isascii() and ("%" in text or "=" in text))


def unescaped(text: str) -> str:
    r"""Returns the text with its letters as they were meant; a text that speaks of `C:\new` or of one `\n` stays.

    >>> unescaped(r"\u0646\u0639\u0645"), unescaped(r"C:\new"), unescaped("%D9%86%D8%B9%D9%85")
    ('نعم', 'C:\\new', 'نعم')
    """
    if "\\" in text:
        if _ARABIC.search(text):
            return without_surrogates(_ESCAPE.sub(_letter, text))[0]
        if len(_LINE_END.findall(text)) > text.count("\n"):
            return _LINE_OR_QUOTE.sub(lambda match: match[2] or "\n", text)
    if text.isascii() and len(_OF_MAIL.findall(text)) >= FEWEST:
        return _of_mail(text)
    if text.isascii() and "%" in text:
        return _of_percents(text)
    return text


def _of_mail(text: str) -> str:
    try:
        return quopri.decodestring(text.encode()).decode("utf-8")
    except UnicodeDecodeError:
        return text


def _letter(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if not code:
        return _MEANT.get(match[3], match[3])
    return chr(int(code, 16)) if int(code, 16) <= 0x10FFFF else match[0]


def _of_percents(text: str) -> str:
    if len(_OF_JAVASCRIPT.findall(text)) >= FEWEST:
        return without_surrogates(unquote(_OF_JAVASCRIPT.sub(lambda match: chr(int(match[1], 16)), text)))[0]
    if "://" in text or len(re.findall(r"%[Dd][89ABab]%[89ABab]", text)) < FEWEST:
        return text
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        return text


def with_line_feeds(text: str, links: list[list[object]] | None = None) -> str:
    """Returns the text with a line feed for each end of a line; spans of `links` are moved along in place."""
    shorter = [match.end() - 1 for match in _LINE_ENDS.finditer(text) if match.group() == "\r\n"]
    if shorter and links:
        for link in links:
            link[:2] = [at - sum(end <= at for end in shorter) if type(at) is int else at for at in link[:2]]
    return _LINE_ENDS.sub("\n", text)
