"""Arabic whose UTF-8 was read as another set, turned back into what it was. Pure.

UTF-8 read as windows-1252 or Latin-1 shows an Arabic letter as `\u00d8` or `\u00d9` and a sign; read as windows-1256, as a
TAH or a ZAH and a sign. Only what reads strictly as UTF-8 again is turned back, so that no right text can change.
Arabic of windows-1256 or ISO 8859-6 that was read as Latin-1 is a text of accented letters nearly alone, as no language has.
"""

from __future__ import annotations

import re

_C1_OF_1252 = {0x81, 0x8D, 0x8F, 0x90, 0x9D}  # bytes that windows-1252 leaves open, and browsers read as controls
_BYTE_OF = {bytes([byte]).decode("cp1252"): byte for byte in range(0x80, 0x100) if byte not in _C1_OF_1252} | {
    chr(byte): byte for byte in range(0x80, 0x100)
}
_SIGN = "".join(map(re.escape, (char for char, byte in _BYTE_OF.items() if 0x80 <= byte < 0xC0)))
_TWO = "".join(map(chr, range(0xC2, 0xE0)))
_THREE = "".join(map(chr, range(0xE0, 0xF0)))
_FOUR = "".join(map(chr, range(0xF0, 0xF5)))
_LETTER = re.compile(rf"[{_TWO}][{_SIGN}]|[{_THREE}][{_SIGN}]{{2}}|[{_FOUR}][{_SIGN}]{{3}}")
_ARABIC_LETTER = re.compile(rf"[\u00d8-\u00db][{_SIGN}]")
_ARABIC_LETTERS = re.compile(rf"(?:[\u00d8-\u00db][{_SIGN}]){{2}}")  # single ones stand at the end of quoted Danish capitals
# str.strip() and str.splitlines() take the second half of a MEEM (U+0085) for white space.
_EATEN_MEEM = re.compile(r"\u00d9(?=\n|\Z)")
_SIGN_OF_1256 = "".join(re.escape(bytes([byte]).decode("cp1256")) for byte in range(0x80, 0xC0))
# One pattern a lead: one that begins with a letter is searched for ten times as fast as one that begins with a class.
_AS_1256 = [re.compile(rf"{lead}[{_SIGN_OF_1256}]") for lead in "\u0637\u0638"]
MIN_LETTERS = 3  # a text with fewer is left alone: two such signs may stand in a right text (chosen by reading)
_MOST_PASSES = 5  # what was read wrongly again and again
_AGAIN = "\u00c3"  # what the lead of a letter looks like when it was read wrongly once more
_ARABIC = re.compile(r"[\u0621-\u064a]")
_HIGH = "\u00aa\u00b5\u00ba\u00c0-\u00ff\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6"
_WORD = re.compile(rf"[A-Za-z{_HIGH}]+")
# Letters in words without a letter of ASCII: so many, and this share of all letters beyond ASCII (chosen by reading).
_FEWEST_ACCENTED, _MOST_ACCENTED = 6, 0.75
# A capital after a small letter within a word, as no language of Europe writes and all Arabic of one byte a letter shows:
# its letters lie on both sides. Of Arabic lines they are .056 of the letters at least, here and in the demonstration's pages.
# Of short texts two capitals before a small letter show it. Every set of Europe but KOI8 has its capitals in the lower half too.
_CAPITAL_WITHIN = re.compile("[\u00e0-\u00ff][\u00c0-\u00df]|[\u00c0-\u00df]{2}[\u00e0-\u00ff]")
_FEWEST_CAPITALS = 0.03
_ALEF = "\u0627"
_CHARSETS = ("iso8859_6", "cp1256")
_LATIN_IN_WORD = re.compile(r"[\u0621-\u0652][\u00c0-\u017e]|[\u00c0-\u017e][\u0621-\u0652]")
_FREQUENT = re.compile(r"[\u0627\u0644\u064a\u0645\u0646\u0648\u0631\u062a\u0628\u0629]")  # two thirds of all letters (counted)


def unscrambled(text: str) -> str:
    """Returns the text with every such letter turned back; a text with fewer than three, or that is no such text, as it is."""
    for _ in range(_MOST_PASSES):
        found = _from_1256(_from_1252(text))
        if found == text:
            break
        text = found
    text = _from_several(text) if _AGAIN in text else text
    charset = one_byte_charset(text)
    return read_again(text, charset) if charset else text


def is_right(whole: str, text: str) -> bool:
    """Tells whether nothing in a whole is to be turned back, nor in the text that is most of it. Cheap for right ones."""
    if _AGAIN in whole or _from_1252(whole) is not whole or _from_1256(whole) is not whole:
        return unscrambled(text) is text and unscrambled(whole) is whole
    return one_byte_charset(text) is None


def _from_several(text: str) -> str:
    """Returns the text as it was before it was read wrongly several times, when that makes Arabic of it."""
    found = text
    for _ in range(_MOST_PASSES):
        if len(_ARABIC_LETTER.findall(found)) >= MIN_LETTERS:
            break
        before, found = found, _LETTER.sub(_turned_back, found)
        if found == before:
            return text
    found = unscrambled(found) if found != text and _AGAIN not in found else _from_1252(found)
    return found if len(_ARABIC.findall(found)) >= MIN_LETTERS + len(_ARABIC.findall(text)) else text


def mixes_cases(latin: str, letters: int) -> bool:
    """Tells whether a text, read as Latin-1, has more capitals within its words than any language.

    `letters` are those of it beyond ASCII.
    """
    return len(_CAPITAL_WITHIN.findall(latin)) > _FEWEST_CAPITALS * letters


def one_byte_charset(text: str) -> str | None:
    """Returns the Arabic set of one byte a letter whose text was read as Latin-1 or windows-1252; None for any other text."""
    if text.isascii() or _ALEF in text:  # nearly every right text has an ALEF early
        return None
    words = _WORD.findall(text)
    high = sum(not letter.isascii() for word in words for letter in word)
    alone = sum(len(word) for word in words if len(word) > 1 and not any(map(str.isascii, word)))
    if alone < _FEWEST_ACCENTED or alone < _MOST_ACCENTED * high or _ARABIC.search(text):
        return None
    if not mixes_cases(text, high):
        return None
    likeness, charset = max((_likeness(read_again(text, charset)), charset) for charset in _CHARSETS)
    return charset if likeness > 0 else None


def read_again(text: str, charset: str) -> str:
    """Returns the text with each character as the letter that its byte is in this set; characters without one stay."""
    letters = _LETTERS_OF[charset]
    return "".join(letters.get(char, char) for char in text)


def _likeness(text: str) -> int:
    """Returns how much the text is like Arabic: its frequent letters, less those that stand beside a Latin one."""
    return len(_FREQUENT.findall(text)) + text.count("\u0627\u0644") - 3 * len(_LATIN_IN_WORD.findall(text))


def _letters_of(charset: str) -> dict[str, str]:
    """Returns what each character was, whose byte is a letter or sign of this set."""
    return {char: found for char, byte in _BYTE_OF.items() if (found := bytes([byte]).decode(charset, "ignore"))}


_LETTERS_OF = {charset: _letters_of(charset) for charset in _CHARSETS}


def _from_1252(text: str) -> str:
    # The cheapest look goes first: nearly every text is right.
    if not ("\u00d8" in text or "\u00d9" in text or "\u00da" in text or "\u00db" in text):
        return text
    if len(_ARABIC_LETTER.findall(text)) < MIN_LETTERS or not _ARABIC_LETTERS.search(text):
        return text
    return _EATEN_MEEM.sub("\u0645", _LETTER.sub(_turned_back, text))


def _turned_back(match: re.Match[str]) -> str:
    try:
        return bytes(_BYTE_OF[char] for char in match.group()).decode("utf-8")
    except UnicodeDecodeError:
        return match.group()


def _from_1256(text: str) -> str:
    if "\u0637" not in text and "\u0638" not in text:
        return text
    if sum(len(letter.findall(text)) for letter in _AS_1256) < MIN_LETTERS:
        return text
    lines = []
    for line in text.split("\n"):
        try:
            lines.append(line.encode("cp1256").decode("utf-8"))
        except UnicodeError:
            lines.append(line)
    return "\n".join(lines)
