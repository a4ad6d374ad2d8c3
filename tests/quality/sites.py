"""What another site makes of a text: its own spelling of Arabic, and the hand of an editor."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

MARKS = "\u064b\u064c\u064d\u064e\u064f\u0650\u0651"
SENTENCE_END = re.compile(r"(?<=[^\d])\.\s+")


class Site:
    """One outlet's spelling, kept through a text: hamza, ta marbuta, ya, digits, quotes, tatweel, marks, Farsi letters."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.no_hamza, self.ha_for_ta, self.alef_for_ya, self.tatweel, self.marks, self.farsi = (
            chance.random() < share for share in (0.4, 0.2, 0.35, 0.15, 0.25, 0.15)
        )
        self.digits = chance.choice(("0123456789", "٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹"))
        self.quotes = chance.choice(('""', "«»", "“”", "  "))

    def spell(self, text: str) -> str:
        """The text as this site writes it; not a word is another."""
        if self.no_hamza:
            text = re.sub("[أإآ]", "ا", text)
        if self.ha_for_ta:
            text = re.sub(r"ة\b", "ه", text)
        if self.alef_for_ya:
            text = re.sub(r"ي\b", "ى", text)
        if self.farsi:
            text = text.translate(str.maketrans("يك", "یک"))
        text = text.translate(str.maketrans("0123456789", self.digits))
        text = re.sub('["«»“”]', lambda match: self.quotes[match.group() in "»”"], text)
        if self.tatweel:
            text = re.sub(r"\b(\w\w)(\w{3,})\b", lambda match: match[1] + self._maybe("ـ", 0.05) + match[2], text)
        if self.marks:
            text = re.sub("(?<=[بتثجحسشصفقلمن])(?=[ا-ي])", lambda _: self._maybe(self.chance.choice(MARKS), 0.04), text)
        return text

    def _maybe(self, sign: str, share: float) -> str:
        return sign if self.chance.random() < share else ""


def edited(text: str, chance: random.Random, vocabulary: Sequence[str]) -> str:
    """The text as a site prints it: half of the time without one paragraph, and two words in a hundred changed."""
    paragraphs = [part.strip() for part in text.split("\n") if part.strip()]
    if len(paragraphs) < 4:
        paragraphs = [part.strip() for whole in paragraphs for part in SENTENCE_END.split(whole) if part.strip()]
    if len(paragraphs) > 3 and chance.random() < 0.5:
        del paragraphs[chance.randrange(1, len(paragraphs))]
    return "\n\n".join(" ".join(_changed(part.split(" "), chance, vocabulary)) for part in paragraphs)


def _changed(words: list[str], chance: random.Random, vocabulary: Sequence[str]) -> list[str]:
    out: list[str] = []
    for word in words:
        drawn = chance.random()
        if drawn < 0.01:
            out.append(chance.choice(vocabulary))
        elif drawn < 0.015:
            continue
        elif drawn < 0.02:
            out += [word, chance.choice(vocabulary)]
        else:
            out.append(word)
    return out
