"""One table that says which spellings are the same letter, and folding by it.

Folded are: hamza seats and wasla, ya and alef maqsura, ta marbuta, hamza on waw and ya, the Farsi and Urdu letters that
stand for Arabic ones, Arabic-Indic digits, presentation forms (NFKC), letter case. Deleted are tatweel, harakat and every
other mark, and invisible format characters. All that is neither letter nor digit separates words.
"""

from __future__ import annotations

import functools
import re
import unicodedata

import numpy as np
import numpy.typing as npt

from streams.compiled import kernel

Units = npt.NDArray[np.uint16]

DELETE = 0
SEPARATE = 1
SAME_LETTER = {
    **dict.fromkeys("أإآٱٲٳٵ", "ا"),
    **dict.fromkeys("ىیېےئۍێ", "ي"),
    **dict.fromkeys("ؤۆۇۋ", "و"),
    **dict.fromkeys("ةۀہھەۃ", "ه"),
    **dict.fromkeys("کڪګ", "ك"),
}
# Lam-alef and its kin become two letters.
_FIRST_LIGATURE, _LAST_LIGATURE = 0xFB50, 0xFEFC
_LIGATURE = re.compile(f"[{chr(_FIRST_LIGATURE)}-{chr(_LAST_LIGATURE)}]")
_SHORT = 400  # numpy's calls cost more than a title's letters


@functools.cache
def table() -> Units:
    """Returns for each of the 65,536 UTF-16 units the unit that it folds to, DELETE or SEPARATE (surrogates separate)."""
    out = np.full(65536, SEPARATE, np.uint16)
    for code in range(65536):
        if 0xD800 <= code <= 0xDFFF:
            continue
        char = chr(code)
        if code == 0x640 or unicodedata.category(char) in ("Mn", "Me", "Cf"):
            out[code] = DELETE
            continue
        letter = unicodedata.normalize("NFKC", char)
        if len(letter) != 1:
            letter = char
        letter = SAME_LETTER.get(letter, letter).lower()
        digit = unicodedata.decimal(letter, None) if len(letter) == 1 else None
        if digit is not None:
            out[code] = ord("0") + digit
        elif len(letter) == 1 and letter.isalnum() and ord(letter) < 65536:
            out[code] = ord(letter)
    return out


def units(text: str) -> Units:
    """Returns the folded UTF-16 units of `text`, deleted ones left out, SEPARATE for every separator (runs are kept)."""
    return aligned(text)[1]


def aligned(text: str) -> tuple[Units, Units]:
    """Returns the units of `text` that are not deleted: unfolded and, place by place, folded as `units` gives them."""
    data = text.encode("utf-16-le", "surrogatepass")
    if _largest(data) >= _FIRST_LIGATURE and _LIGATURE.search(text):
        data = unicodedata.normalize("NFKC", text).encode("utf-16-le", "surrogatepass")
    if kernel:
        as_written, folded_units = kernel.fold(data, table())
        return np.frombuffer(as_written, "<u2"), np.frombuffer(folded_units, "<u2")
    raw = np.frombuffer(data, "<u2")
    folded: Units = table().take(raw)
    if np.count_nonzero(folded) == len(folded):  # nothing is DELETE: few texts have harakat, and a copy costs as much as folding
        return raw, folded
    kept = folded != DELETE
    return raw[kept], folded[kept]


def _largest(data: bytes) -> int:
    return kernel.largest(data) if kernel else int(np.maximum.reduce(np.frombuffer(data, "<u2"), initial=0))


def fold(text: str) -> str:
    """Returns folded words with one space between them: equal for two spellings of one text, and idempotent.

    >>> fold("إقرأ  أيضاً: «الأخبـار»")
    'اقرا ايضا الاخبار'
    """
    return _fold_short(text) if len(text) < _SHORT else _fold_long(text)


def _fold_short(text: str) -> str:
    if _LIGATURE.search(text):
        text = unicodedata.normalize("NFKC", text)
    return " ".join(text.translate(_LETTERS).split())


def _fold_long(text: str) -> str:
    folded = units(text)
    letters = folded != SEPARATE
    keep = letters.copy()
    keep[1:] |= letters[:-1]  # the first separator after a word
    spaced: Units = np.where(letters, folded, np.uint16(0x20))[keep]
    return spaced.tobytes().decode("utf-16-le").rstrip(" ")


class _Letters(dict[int, str]):
    """The table for `str.translate`, filled with what is met."""

    def __missing__(self, code: int) -> str:
        unit = int(table()[code]) if code < len(table()) else SEPARATE
        self[code] = letter = {DELETE: "", SEPARATE: " "}.get(unit, chr(unit))
        return letter


_LETTERS = _Letters()
