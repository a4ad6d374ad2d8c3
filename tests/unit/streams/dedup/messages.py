"""Notices for tests of the register: invented stories, and what sites make of them."""

from __future__ import annotations

import hashlib
import random

from streams.dedup.metadata import HEADER, NO_METADATA, MetadataSketch
from streams.dedup.notice import Notice
from streams.dedup.register import Register
from streams.dedup.sketch import Sketch, sketch
from streams.records import Role, Verdict
from tests.support.news import WORDS

DAY = 86_400_000
HOUR = DAY // 24
START = 1_760_000_000_000


def text(story: int, words: int = 100, first: int = 0) -> str:
    """Words `first` to `first + words` of an invented story of 400; two stories share nothing."""
    return " ".join(random.Random(story).choices(WORDS, k=400)[first : first + words])


def bulletin(first: int, second: int) -> str:
    """Sixty words of template around two prices."""
    words = text(77, 60).split()
    words[20:20] = ["بلغ", "سعر", "الذهب", str(first)]
    words[45:45] = ["بلغ", "سعر", "الدولار", str(second)]
    return " ".join(words)


def key(name: str | int) -> bytes:
    """The id of an article of this name."""
    return hashlib.blake2b(str(name).encode(), digest_size=16).digest()


def beside(
    *, source: int = 0, address: int = 0, title: tuple[int, ...] = (), slots: dict[int, int] | None = None
) -> MetadataSketch:
    """What is remembered beside a body, from numbers: slots are contexts and the words in them."""
    packed = [context << 16 | word for context, word in sorted((slots or {}).items())]
    words = b"".join(word.to_bytes(2, "little") for word in sorted(title))
    header = HEADER.pack(source, address, len(title), len(packed))
    return MetadataSketch(header + words + b"".join(slot.to_bytes(4, "little") for slot in packed))


def message(
    name: str | int,
    body: str | Sketch,
    *,
    at: int = 0,
    role: Role = "main",
    has_url: bool = True,
    title: str = "",
    content: str | None = None,
    origin: tuple[int, int] | None = None,
    month: str = "2026-11",
    metadata: MetadataSketch = NO_METADATA,
    is_replayed: bool = False,
) -> Notice:
    """The notice of an article of this name; `at` counts from START; its content is its body unless `content` is given."""
    known = body if isinstance(body, Sketch) else sketch(body)
    return Notice(
        id=key(name),
        page_id=key(name),
        role=role,
        has_url=has_url,
        at_ms=START + at,
        origin=origin or (0, at),
        month=month,
        title_hash=key(title)[:8],
        content_hash=key(content) if content is not None else key(title + known.data.hex()),
        sketch=known,
        metadata=metadata,
        is_replayed=is_replayed,
    )


class Log:
    """A log of articles, and the register that reads it."""

    def __init__(self) -> None:
        self.store: dict[bytes, bytes] = {}
        self.register = Register(self.store)
        self.offset = -1

    def judge(self, notice: Notice, after: int = 1) -> Verdict | None:
        """The verdict on the next message, `after` offsets later."""
        self.offset += after
        return self.register.judge(notice, self.offset)

    def verdict(self, notice: Notice, after: int = 1) -> Verdict:
        """The same, for a message that must have one."""
        verdict = self.judge(notice, after)
        assert verdict is not None
        return verdict

    def rebuild(self) -> None:
        """A new register reads the table, in another order than it was written."""
        self.store = dict(reversed(self.store.items()))
        self.register = Register(self.store)
        assert list(self.register.rebuild())[-1] == len(self.store)
