"""What dedup remembers of an article beside its body: its site, the number in its address, and the words of its title.

Two bodies alone cannot say whether a site's own follow-up repeats yesterday's report, whether one article was updated under a
new headline, or whether a cable was sent to another name. Pure.
"""

from __future__ import annotations

import dataclasses
import re
import struct
import sys
import zlib
from array import array
from collections import Counter

import numpy as np

from streams.arabic.words import Hashes, Words
from streams.compiled import kernel
from streams.records import Article

MAX_TITLE_WORDS = 24  # a headline has 8 to 14; a paragraph in the place of a title is cut
MAX_SLOTS = 32  # words of a title in their places; 4 bytes each of a message's header
# A title word of fewer letters, or more common in the body, is a particle (chosen by reading): names have more, and are rarer.
MIN_SLOT_LETTERS, MAX_OCCURRENCES = 3, 8
HEADER = struct.Struct("<IIBB")
EMPTY = HEADER.pack(0, 0, 0, 0)
_NONE = bytes(4)
_SHIFT_7, _SHIFT_48 = np.uint64(7), np.uint64(48)

_URL = re.compile(r"https?://(?:[^/?#@]*@)?(?:(?:www|m|amp|mobile)\.)?(?P<host>[^/?#:]+)(?::\d+)?(?P<path>[^#]*)", re.IGNORECASE)
_DIGITS = re.compile(r"%[0-9A-Fa-f]{2}|(\d{4,18})", re.ASCII)  # escapes are passed over: their digits are letters
_YEAR = re.compile(r"(?:19|20)\d\d", re.ASCII)
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])", re.ASCII)


@dataclasses.dataclass(frozen=True, slots=True)
class MetadataSketch:
    """The binary form, and views into it: what two articles are compared by beside their bodies. 0 stands for none."""

    data: bytes = EMPTY

    def __post_init__(self) -> None:
        """Raises ValueError on bytes of another length than they say."""
        if len(self.data) < HEADER.size:
            raise ValueError(f"{len(self.data)} bytes are too few for metadata")
        _, _, title_words, slots = HEADER.unpack_from(self.data)
        if len(self.data) != HEADER.size + 2 * title_words + 4 * slots:
            raise ValueError("metadata of another length than it says")

    @property
    def source(self) -> int:
        """32 bits of the source's name."""
        return int.from_bytes(self.data[:4], "little")

    @property
    def address(self) -> int:
        """32 bits of the host and the article's number in the URL."""
        return int.from_bytes(self.data[4:8], "little")

    @property
    def title_words(self) -> frozenset[int]:
        """16 bits of each word of the folded title."""
        return frozenset(np.frombuffer(self.data, "<u2", self.data[8], HEADER.size).tolist())

    @property
    def slots(self) -> dict[int, int]:
        """Where title words stand in the body: 16 bits of the two neighbours -> 16 bits of the word."""
        packed = np.frombuffer(self.data, "<u4", self.data[9], HEADER.size + 2 * self.data[8]).tolist()
        return {slot >> 16: slot & 0xFFFF for slot in packed}


NO_METADATA = MetadataSketch()


def same_source(one: MetadataSketch, other: MetadataSketch) -> bool:
    """Tells whether both come from one known source."""
    return one.data[:4] == other.data[:4] != _NONE


def same_address(one: MetadataSketch, other: MetadataSketch) -> bool:
    """Tells whether one site calls both by one number in their addresses."""
    return one.data[4:8] == other.data[4:8] != _NONE


def title_share(one: MetadataSketch, other: MetadataSketch) -> float:
    """Returns the Jaccard index of the words of two titles; 0 where one has none."""
    first, second = one.title_words, other.title_words
    both = len(first & second)
    return both / (len(first) + len(second) - both) if both else 0.0


def renamed(one: MetadataSketch, other: MetadataSketch) -> int:
    """Returns at how many places of the bodies each has a word of its own title that the other's title has not.

    Such words are the names in two cables of one template.
    """
    first, second, theirs = one.title_words, other.title_words, other.slots
    pairs = ((theirs.get(context), word) for context, word in one.slots.items())
    return sum(word not in second and instead not in first for instead, word in pairs if instead is not None)


def metadata_sketch(article: Article, title: Words, body: Words) -> MetadataSketch:
    """Returns what is remembered of an article, from the words of its folded title and body."""
    title_words = array("H", sorted(set((title.hashes[:MAX_TITLE_WORDS] >> _SHIFT_48).tolist())))
    slots = _slots(title, body.hashes)
    address = address_number(article.url) if article.role == "main" else 0  # an appended story is at another article's address
    header = HEADER.pack(zlib.crc32(article.source.encode()), address, len(title_words), len(slots))
    if sys.byteorder == "big":
        title_words.byteswap()
        slots.byteswap()
    return MetadataSketch(header + title_words.tobytes() + slots.tobytes())


def _slots(title: Words, body: Hashes) -> array[int]:
    """Returns where title words stand in the body; a context that stands around several words says nothing, and gives none."""
    names = title.hashes[:MAX_TITLE_WORDS][(title.lengths >= MIN_SLOT_LETTERS)[:MAX_TITLE_WORDS]]
    if len(body) < 3 or not len(names):
        return array("I")
    if kernel:
        return array("I", kernel.title_slots(names, body, MAX_OCCURRENCES, MAX_SLOTS))
    names.sort()
    nearest = names.searchsorted(body[1:-1])
    (begin,) = (names.take(nearest, mode="clip") == body[1:-1]).nonzero()
    contexts = (body[begin] ^ (body[begin + 2] >> _SHIFT_7)) >> _SHIFT_48
    values = (body[begin + 1] >> _SHIFT_48).tolist()
    occurrences = Counter(values)
    found: dict[int, int | None] = {}
    for context, value in zip(contexts.tolist(), values, strict=True):
        if occurrences[value] <= MAX_OCCURRENCES:
            found[context] = value if found.get(context, value) == value else None
    return array("I", sorted(context << 16 | value for context, value in found.items() if value is not None)[:MAX_SLOTS])


def address_number(url: str | None) -> int:
    """Returns 32 bits of the host and the number by which its site calls the article, or 0 where the URL has none.

    The number is the longest run of four or more digits in the path or the query that is no year and no date. Sites keep it
    when the headline, and the words of the address with it, change.

    >>> old = address_number("https://news.example/2026/8/88123/first-headline")
    >>> old == address_number("https://www.news.example/2026/8/88123/another"), address_number("https://news.example/2026")
    (True, 0)
    """
    found = _URL.match(url or "")
    if not found:
        return 0
    runs = (run for run in _DIGITS.findall(found["path"]) if run)
    numbers = [run for run in runs if not _YEAR.fullmatch(run) and not _DATE.fullmatch(run)]
    if not numbers:
        return 0
    number = max(reversed(numbers), key=len)
    return zlib.crc32(f"{found['host'].lower()} {number}".encode("utf-8", "surrogatepass")) or 1
