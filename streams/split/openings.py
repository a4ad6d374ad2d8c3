"""Where words of a table can begin at all: one look at a page tells that most of its lines hold none of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_DEPTH = 8  # letters that are looked at: with more of them hardly a page fewer is looked at again
# Between two letters of a word stand spaces, and marks, which `spelling.placed` makes NUL.
_BETWEEN = r"[\0\s]*+"
_STOPS = '.؟!…»”"’)'
_GAPS = ("  ", " \u00a0", "\u00a0 ", "\u00a0\u00a0")
_ODD_SPACE = re.compile("[\x0b-\r\x1c-\x1f\x85\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_Trie = dict[str, "_Trie"]


class Openings:
    """Finds where one of some words may begin. What it passes over begins with none; what it finds need not.

    It reads a text as `spelling.placed` gives it. The words are dense, of two letters or more.
    """

    def __init__(self, words: Iterable[str], inline: Iterable[str]) -> None:
        begins, within = _pattern(words), _pattern(inline)
        self._begins = re.compile(rf"\0*+{begins}")
        self._after_stop = re.compile(rf"[{_STOPS}][^\S\n]{{0,20}}+\0*+(?={within})")
        self._within = re.compile(rf"\0*+{within}")
        self._after_odd_gap = re.compile(rf"[^\S\n]{{2}}\0*+(?={within})")

    def may_hold_marker(self, placed: str, start: int) -> bool:
        """Tells whether one may begin at this place."""
        return self._begins.match(placed, start) is not None

    def within(self, placed: str) -> list[int]:
        """Returns the places where one of the inline words may begin behind a stop or a wide gap."""
        places = [match.end() for match in self._after_stop.finditer(placed)]
        is_wide = "\u00a0" in placed
        if "\t" in placed or ((is_wide or "  " in placed) and _ODD_SPACE.search(placed)):
            places += (match.end() for match in self._after_odd_gap.finditer(placed))
        else:  # gaps are found faster than the words behind them: few pages have any
            for gap in _GAPS if is_wide else _GAPS[:1]:
                at = placed.find(gap)
                while at >= 0:
                    if self._within.match(placed, at + 2):
                        places.append(at + 2)
                    at = placed.find(gap, at + 1)
        return places


def _pattern(words: Iterable[str]) -> str:
    """Returns an expression for the first letters of the words; one that nothing matches where there are none."""
    trie: _Trie = {}
    for word in words:
        node = trie
        for letter in word[:_DEPTH]:
            node = node.setdefault(letter, {})
        node[""] = {}  # a word ends here, or enough of it
    return _branches(trie) if trie else "(?!)"


def _branches(node: _Trie) -> str:
    if "" in node:  # whatever follows, a shorter word may stand here
        return ""
    branches = [re.escape(letter) + (_BETWEEN + rest if (rest := _branches(after)) else "") for letter, after in node.items()]
    return branches[0] if len(branches) == 1 else f"(?:{'|'.join(branches)})"
