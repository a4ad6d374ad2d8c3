"""Decide whether the first letters of a word are clitics by its longest known beginning, here and in a regular expression. Pure.

A tree of beginnings holds a sign at some of them: the letter belongs to the word, or it does not. The longest beginning that
fits a word decides, so words that no corpus shows go with those that begin like them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

END: Final = "."  # after a beginning that is a whole word
BELONGS, CLITIC = "+", "-"
TREES: Final = ("و", "ف", "ب", "ك", "ل", "لل", "ال")  # what may come off; a sign for a beginning says whether it does
MOST_ALTERNATIVES: Final = 5  # that are written out; with 1, 3, 10 or 30 a text takes longer (README)
MOST_PREPOSITIONS: Final = 2
SHORTEST_REST: Final = {"و": 3, "ف": 3, "ب": 3, "ك": 3, "ل": 3, "لل": 2, "ال": 2}


class Signs:
    """The signs of a schema file, and what they make of a word."""

    def __init__(self, signs: Mapping[str, str]) -> None:
        """Takes `+` or `-` for each beginning."""
        self.signs = signs
        self._longest = max(map(len, signs), default=0)

    def belongs(self, first: str, word: str) -> bool:
        """Tells whether these first letters of the word are its own."""
        if (whole := self.signs.get(word + END)) is not None:
            return whole == BELONGS
        for size in range(min(len(word), self._longest), len(first) - 1, -1):
            if (sign := self.signs.get(word[:size])) is not None and tree_of(word[:size]) == first:
                return sign == BELONGS
        return False

    def without_clitics(self, word: str) -> str:
        """Returns the word without a conjunction, then without a preposition, an article, or both."""
        if word[:1] in ("و", "ف") and self._comes_off(word[0], word):
            word = word[1:]
        if word[:2] == "لل" and self._comes_off("لل", word):
            return word[2:]
        if word[:1] in ("ب", "ك", "ل") and self._comes_off(word[0], word):
            word, prefix = word[1:], word[0]
            if prefix == "ل":
                return word
        return word[2:] if word[:2] == "ال" and self._comes_off("ال", word) else word

    def without_preposition(self, word: str) -> str:
        """Returns the word without an article, else without prepositions that do not belong to it: the work of one expression.

        Of two prepositions the second comes off as it does where it stands first.
        So ببسكرة meets بسكرة, though nothing is known of either.
        """
        for article in ("لل", "ال"):
            if word[:2] == article and len(word) >= 2 + SHORTEST_REST[article]:
                return word[2:]
        for _ in range(MOST_PREPOSITIONS):
            if word[:1] in ("ب", "ل") and self._comes_off(word[0], word):
                word = word[1:]
        return word

    def _comes_off(self, first: str, word: str) -> bool:
        return len(word) >= len(first) + SHORTEST_REST[first] and not self.belongs(first, word)


def tree_of(beginning: str) -> str:
    """Returns the first letters that a sign is about."""
    return beginning[:2] if beginning[:2] in ("لل", "ال") else beginning[:1]


def learnt(labels: Mapping[str, bool], first: str) -> Iterator[tuple[str, str]]:
    """Yields the fewest signs that decide all labelled words as they are labelled.

    The label True says that the letters belong to the word. An unknown beginning goes with the majority of the known words that
    share the rest of it.
    """
    tree: dict[str, list[int]] = {}
    for word, belongs in labels.items():
        for size in range(len(first), len(word) + 1):
            tree.setdefault(word[:size], [0, 0])[belongs] += 1
        tree.setdefault(word + END, [0, 0])[belongs] += 1
    children: dict[str, list[str]] = {}
    for node in sorted(tree):
        if len(node) > len(first):
            children.setdefault(node[:-1], []).append(node)

    def walk(node: str, inherited: str) -> Iterator[tuple[str, str]]:
        clitics, own = tree[node]
        sign = inherited if clitics == own else (BELONGS if own > clitics else CLITIC)
        if sign != inherited:
            yield node, sign
        if clitics and own:
            for child in children[node]:
                yield from walk(child, sign)

    if first in tree:
        yield from walk(first, CLITIC)


def pattern(signs: Mapping[str, str]) -> str:
    """Returns the regular expression of the article or preposition that comes off a word (`Signs.without_preposition`).

    Java clears a place for each group of an expression at each word, and goes through alternatives one by one. So groups are few,
    and none has many alternatives.
    """
    articles = "|".join(f"{first}(?={'.' * SHORTEST_REST[first]})" for first in ("لل", "ال"))
    return f"^(?:{articles}|(?:{_guarded('ب', signs)}|{_guarded('ل', signs)}){{1,{MOST_PREPOSITIONS}}})"


def _guarded(first: str, signs: Mapping[str, str]) -> str:
    own = _belonging(first, signs)
    return f"{first}(?={'.' * SHORTEST_REST[first]})" + (f"(?!{'|'.join(own)})" if own else "")


def _belonging(first: str, signs: Mapping[str, str]) -> list[str]:
    """Returns what may stand after the first letters of a word of which they are part, as alternatives without a group."""
    children: dict[str, set[str]] = {}
    for node in signs:
        if tree_of(node) == first:
            for size in range(len(first), len(node)):
                children.setdefault(node[:size], set()).add(node[size])

    def walk(node: str, inherited: str) -> list[str]:
        sign = signs.get(node, inherited)
        if node not in children:
            return [""] if sign == BELONGS else []
        return _alternatives({letter: walk(node + letter, sign) for letter in sorted(children[node])}, sign)

    return walk(first, CLITIC)


def _alternatives(below: dict[str, list[str]], sign: str) -> list[str]:
    """Returns what may follow a beginning of a word to which its first letters belong.

    `below` holds the same for each known letter behind the beginning.
    """
    unknown = [""] if sign == BELONGS else []
    whole = below.pop(END, unknown) == [""]
    if sign == BELONGS:
        others = _ranges(letter for letter, rest in below.items() if rest != [""])
        single = f"[^{others}]" if others else "."
    else:
        own = _ranges(letter for letter, rest in below.items() if rest == [""])
        single = f"[{own}]" if own else ""
    if whole and single == ".":
        return [""]
    alternatives = [*([r"\z"] if whole else []), *([single] if single else [])]
    for letter, rest in below.items():
        if len(rest) > MOST_ALTERNATIVES:
            alternatives.append(f"{letter}(?:{'|'.join(rest)})")
        elif rest != [""]:
            alternatives += [letter + one for one in rest]
    return alternatives


def _ranges(letters: Iterable[str]) -> str:
    """Returns the inside of a class of these letters, with ranges for those that follow each other."""
    runs: list[list[str]] = []
    for letter in sorted(letters):
        if runs and ord(letter) == ord(runs[-1][-1]) + 1:
            runs[-1].append(letter)
        else:
            runs.append([letter])
    return "".join("".join(run) if len(run) < 3 else f"{run[0]}-{run[-1]}" for run in runs)


def read_signs(rules: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yields beginnings and signs of lines `+ beginning beginning` and `- beginning`."""
    for line in rules:
        sign, *beginnings = line.split()
        for beginning in beginnings:
            yield beginning, sign


def written(signs: Mapping[str, str]) -> list[str]:
    """Returns the signs as lines, a line for each sign and first three letters."""
    rows: dict[tuple[str, str], list[str]] = {}
    for beginning, sign in sorted(signs.items()):
        rows.setdefault((beginning[:3], sign), []).append(beginning)
    return [f"{sign} {' '.join(beginnings)}" for (_, sign), beginnings in rows.items()]
