"""The lexicon of words that the light stemmer gets wrong, derived from what a corpus shows of them. No query is used."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

import orjson

from indexing.schema.full_forms import FullForms, corrected, grouped
from indexing.schema.reading import folded, lines, stop_words
from indexing.schema.stemming import as_seen_by_lexicon, current_lexicon, stem, without_suffixes
from streams.errors import RafidError

RADICAL_NUN: Final = ("ان", "ين", "ون")
CLITICS: Final = ("", "و", "ف", "ب", "ل", "ك")  # before a bare word; after these the light stemmer sees another word
ARTICLE: Final = "ال"
_WORD = re.compile(r"[^\W\d_]{2,}")


def counted(texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs as it is written, after folding: hamza and article are still there. No stop words."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(_WORD.findall(folded(text)))
    for word in stop_words():
        counts.pop(word, None)
    return counts


def derived(counts: Mapping[str, int], least: int = 5) -> dict[str, str]:
    """The rules that the counts ask for: words as the lexicon sees them, and the stem that all their forms then share.

    A final ان, ين or ون belongs to the word when its adjective (the word and ي or ية) occurs; a first و does when it follows the
    article; a first أل or إل does when it follows one. Each form must occur `least` times, and a rule is kept only where the
    chain without it gives another stem.
    """
    bare: Counter[str] = Counter()
    for word, count in counts.items():
        bare[as_seen_by_lexicon(word)] += count
    roots = dict(_roots(counts, bare, least))
    rules: dict[str, str] = {}
    for word, root in roots.items():
        for clitic in CLITICS:
            form = clitic + word
            seen = form == word or (len(word) > 3 and bare[form] >= least and form not in roots)
            if seen and stem(form, {}) != root:
                rules[form] = root
    return dict(sorted(rules.items()))


def _roots(counts: Mapping[str, int], bare: Mapping[str, int], least: int) -> Iterator[tuple[str, str]]:
    for word, count in bare.items():
        if count < least:
            continue
        if word.endswith(RADICAL_NUN) and len(word) >= 4 and min(bare.get(word + "ي", 0), bare.get(word + "يه", 0)) >= least:
            yield word, word
        elif (word.startswith("و") and counts.get(ARTICLE + word, 0) >= least) or _hamza_form(counts, word) >= least:
            yield word, without_suffixes(word)


def _hamza_form(counts: Mapping[str, int], word: str) -> int:
    """How often the word, when it is ال... after normalisation, follows the article with its hamza written."""
    if not word.startswith(ARTICLE):
        return 0
    return max(counts.get(ARTICLE + hamza + word[1:], 0) for hamza in "أإآ")


def rebuilt(counts: Mapping[str, int], least: int = 5) -> dict[str, str]:
    """The lexicon of the index and what the counts add to it; where both have a word, the index's rule stays."""
    return dict(sorted((derived(counts, least) | current_lexicon()).items()))


def compared(counts: Mapping[str, int], least: int = 5) -> dict[str, Any]:
    """What the corpus says of the lexicon of the index.

    `added`: rules that it lacks; `disputed`: words with the stem that they have and the one they would get; `confirmed`: how many
    rules the corpus asks for as well. Rules for words that the corpus does not show are no part of it.
    """
    asked, current = derived(counts, least), current_lexicon()
    return {
        "added": {word: root for word, root in asked.items() if word not in current},
        "disputed": {word: (current[word], root) for word, root in asked.items() if current.get(word, root) != root},
        "confirmed": sum(current.get(word) == root for word, root in asked.items()),
    }


def write_lexicon(path: Path, rules: Mapping[str, str]) -> None:
    """The file holds these rules, one a line, under the comment of the lexicon of the index."""
    comment = "# Words that the light stemmer gets wrong, as the chain sees them there (no article, normalised) => their stem."
    path.write_text("\n".join([comment, *(f"{word} => {root}" for word, root in rules.items())]) + "\n", encoding="utf-8")


def write_full_forms(path: Path, counts: Mapping[str, int]) -> None:
    """The file holds the rules for full forms that the counts ask for, with a person's corrections, one line a key."""
    comment = (
        "# Words with their clitics that the chain gets wrong (folded, normalised) => what it goes on with. By `rafid lexicon`."
    )
    rules = corrected(FullForms(counts).rules(), lines("full_forms_by_hand.txt"))
    path.write_text("\n".join([comment, *grouped(rules)]) + "\n", encoding="utf-8")


def texts(paths: Iterable[Path]) -> Iterator[str]:
    """Titles and texts of JSON Lines files (`title`; `text` or `body`), gzipped or not. Raises RafidError, with the line."""
    for path in paths:
        with _opened(path) as lines:
            for number, line in enumerate(lines, 1):
                try:
                    fields = orjson.loads(line)
                    yield f"{fields.get('title') or ''}\n{fields.get('body') or fields.get('text') or ''}"
                except (orjson.JSONDecodeError, AttributeError):
                    raise RafidError(f"{path}:{number}: an object with `title` and `text` was expected") from None


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if path.suffix == ".gz" else path.open("rb")  # type: ignore[return-value]
