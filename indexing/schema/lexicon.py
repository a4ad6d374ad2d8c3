"""The generated files of the stem field, from what a corpus shows of its words. No query is used."""

from __future__ import annotations

import gzip
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Final, NamedTuple

import orjson

from indexing.schema.agreement import Agreement
from indexing.schema.bare_words import BareWords, corrected, grouped
from indexing.schema.first_letters import Signs, read_signs, written
from indexing.schema.full_forms import full_forms, short_signs
from indexing.schema.reading import FIRST_LETTERS, LEXICON, folded, lines, stop_words
from indexing.schema.stemming import names_by_hand
from streams.errors import RafidError

SIGNS_COMMENT: Final = (
    "# Beginnings of words: their first letters belong to them (+) or are clitics (-). The longest decides; . ends a word."
)
RULES_COMMENT: Final = "# Forms (folded, normalised) that the chain gets wrong => what it goes on with. By `rafid lexicon`."
_WORD = re.compile(r"[^\W\d_]{2,}")


class Counts(NamedTuple):
    """What a corpus shows: how often each word occurs as it is written, after folding, and which agree with each other.

    Hamza and article are still there; stop words are not.
    """

    words: Counter[str]
    agreement: Agreement


def counted(texts: Iterable[str]) -> Counts:
    """Returns the counts of these texts."""
    counts = Counts(Counter(), Agreement())
    for text in texts:
        words = _WORD.findall(folded(text))
        counts.words.update(words)
        counts.agreement.add(words)
    for word in stop_words():
        counts.words.pop(word, None)
    return counts


def rebuilt(counts: Counts) -> dict[str, list[str]]:
    """Returns the lines of the generated files that the counts ask for, by the name of the file.

    A person's corrections are among them.
    """
    words = BareWords(*counts)
    signs = words.signs() | dict(read_signs(lines("first_letters_by_hand.txt")))
    bare = corrected(words.rules(Signs(signs)), lines("bare_words_by_hand.txt"), Signs(signs)) | names_by_hand()
    short = short_signs(signs)
    rules = full_forms(words, Signs(signs), bare, Signs(short))
    return {FIRST_LETTERS: [SIGNS_COMMENT, *written(short)], LEXICON: [RULES_COMMENT, *grouped(rules)]}


def difference(file: str, asked: Iterable[str]) -> tuple[set[str], set[str]]:
    """Returns the lines that the counts add to a generated file of the index, and those that they no longer ask for."""
    now, then = set(lines(file)), {line for line in asked if not line.startswith("#")}
    return then - now, now - then


def write_files(directory: Path, files: Mapping[str, Iterable[str]]) -> None:
    """Writes these files into the directory."""
    for name, rows in files.items():
        (directory / name).write_text("\n".join(rows) + "\n", encoding="utf-8")


def texts(paths: Iterable[Path]) -> Iterator[str]:
    """Yields titles and texts of JSON Lines files (`title`; `text` or `body`), gzipped or not.

    Raises RafidError with the number of a line that is no such object.
    """
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
