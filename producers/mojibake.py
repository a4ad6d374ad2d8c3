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
# str.strip() and str.splitlines() take the second half of a MEEM (U+0085) for white space.
_EATEN_MEEM = re.compile(r"\u00d9(?=\n|\Z)")
_SIGN_OF_1256 = "".join(re.escape(bytes([byte]).decode("cp1256")) for byte in range(0x80, 0xC0))
# One pattern a lead: one that begins with a letter is searched for ten times as fast as one that begins with a class.
_AS_1256 = [re.compile(rf"{lead}[{_SIGN_OF_1256}]") for lead in "\u0637\u0638"]
MIN_LETTERS = 3  # a text with fewer is left alone: two such signs may stand in a right text (chosen by reading)
# Of the letters of a text, so many and this share are accented Latin ones; the rest may be a name (chosen by reading).
_FEWEST_ACCENTED, _MOST_ACCENTED = 12, 0.75
_MOST_PASSES = 2  # what was read wrongly twice


def unscrambled(text: str) -> str:
    """The text with every such letter turned back; the same text when it has fewer than three of them, or is no such text."""
    text = _from_one_byte(text)
    for _ in range(_MOST_PASSES):
        found = _from_1256(_from_1252(text))
        if found == text:
            break
        text = found
    return text


def _from_one_byte(text: str) -> str:
    if "\u00c7" not in text:  # ALEF in both sets, read as Latin-1
        return text
    letters = [char for char in text if char.isalpha()]
    accented = sum("\u00c0" <= char <= "\u00ff" for char in letters)
    if accented < _FEWEST_ACCENTED or accented < _MOST_ACCENTED * len(letters):
        return text
    # The article tells the sets apart: its LAM is another byte in each.
    charset = "cp1256" if text.count("\u00c7\u00e1") >= text.count("\u00c7\u00e4") else "iso8859_6"
    try:
        return "".join(bytes([_BYTE_OF[char]]).decode(charset) if char in _BYTE_OF else char for char in text)
    except UnicodeDecodeError:
        return text


def _from_1252(text: str) -> str:
    # The cheapest look goes first: nearly every text is right.
    if not ("\u00d8" in text or "\u00d9" in text or "\u00da" in text or "\u00db" in text):
        return text
    if len(_ARABIC_LETTER.findall(text)) < MIN_LETTERS:
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
