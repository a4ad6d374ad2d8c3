"""The law of conservation, and what breaks it. Pure.

A page has its main article or a dead letter; an article one verdict; a verdict its document, or none to have; a document a
verdict that gave it its version. An `origin` and a `position` are a partition and an offset in one number (`packed`): that of
the page on its topic, and that of the message itself. Messages repeat after a crash: accounts are over distinct (article id,
origin), and what comes again as it was is no fault.
"""

from __future__ import annotations

import dataclasses
import enum
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

_OFFSET_BITS = 48
# A version is the time of its page, or one more than the version before: so far may it run ahead of that time.
VERSIONS_AHEAD_MS = 1_000


class Fault(enum.StrEnum):
    """What does not add up."""

    PAGE_WITHOUT_ARTICLE = "page_without_article"  # and without a dead letter
    PAGE_WITH_FEWER_ARTICLES = "page_with_fewer_articles"  # than its main article says that it has
    MESSAGE_WITHOUT_LETTER = "message_without_letter"  # no article or verdict can be read from it
    ARTICLE_WITHOUT_PAGE = "article_without_page"
    ARTICLE_WITHOUT_VERDICT = "article_without_verdict"  # and without a dead letter
    ARTICLE_WITH_TWO_VERDICTS = "article_with_two_verdicts"  # that differ, for one (article id, origin)
    VERDICT_WITHOUT_ARTICLE = "verdict_without_article"
    VERDICT_WITHOUT_DOCUMENT = "verdict_without_document"  # and without a dead letter
    DOCUMENT_BEHIND_VERDICT = "document_behind_verdict"  # of an older version than the latest verdict gave
    DOCUMENT_OF_OTHER_VERSION = "document_of_other_version"  # of a version that no verdict gave
    DOCUMENT_OF_OTHER_KIND = "document_of_other_kind"  # of another kind than the verdict of its version says
    DOCUMENT_WITHOUT_VERDICT = "document_without_verdict"
    DOCUMENT_IN_TWO_INDICES = "document_in_two_indices"


class Finding(NamedTuple):
    """A fault, and where: the id of an article or document, the page's origin, the message's position; None where unknown."""

    fault: Fault
    id: str | None = None
    origin: int | None = None
    position: int | None = None
    detail: str = ""


class Ledger:
    """What an audit has found: faults by kind, each finding handed to `keep`, and what is still under way by stage."""

    def __init__(self, keep: Callable[[Finding], None]) -> None:
        self.faults: Counter[str] = Counter()
        self.under_way: Counter[str] = Counter()
        self._keep = keep

    def note(self, finding: Finding) -> None:
        """Counts a finding and keeps it."""
        self.faults[finding.fault.value] += 1
        self._keep(finding)


class SentArticle(NamedTuple):
    """An article on its topic."""

    id: bytes
    origin: int
    position: int


class Judgement(NamedTuple):
    """A verdict on its topic; equal verdicts have equal digests."""

    id: bytes
    origin: int
    digest: bytes
    position: int


class Effect(NamedTuple):
    """What a verdict wants of a document; `content` is 16 bytes, zeros where the verdict does not tell."""

    doc_id: bytes
    version: int
    kind: int
    known: bool
    read_also: bool
    content: bytes
    origin: int
    position: int


class Document(NamedTuple):
    """A document in the index of a period, which is a month like `2026-11` or a year like `2013`.

    `content` is None where it was not asked for.
    """

    doc_id: bytes
    version: int
    kind: int
    period: str
    content: bytes | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """What is audited: by partition the pages from `first` to before `end`, and documents of the same times.

    `log_end` is where the topic of pages ends. At or beyond `split`, `dedup` and `index`, by partition, the group of that worker
    had committed nothing when the audit began. Times in ms since 1970; `since_ms` 0 and `until_ms` None are open ends.
    """

    first: Mapping[int, int]
    end: Mapping[int, int]
    log_end: Mapping[int, int]
    split: Mapping[int, int]
    dedup: Mapping[int, int]
    index: Mapping[int, int]
    since_ms: int = 0
    until_ms: int | None = None

    def has(self, origin: int) -> bool:
        """Returns whether a page of this origin is audited."""
        partition, offset = unpacked(origin)
        return self.first.get(partition, 0) <= offset < self.end.get(partition, 0)

    def has_page(self, origin: int) -> bool:
        """Returns whether the topic of pages reaches to this origin."""
        partition, offset = unpacked(origin)
        return offset < self.log_end.get(partition, 0)

    def has_version(self, version: int) -> bool:
        """Returns whether the verdict that gave this version must be among those that were read."""
        after = not self.since_ms or version >= self.since_ms + VERSIONS_AHEAD_MS
        return after and (self.until_ms is None or version < self.until_ms)


def packed(partition: int, offset: int) -> int:
    """Returns a partition and an offset as one number of 64 bits."""
    return partition << _OFFSET_BITS | offset


def unpacked(position: int) -> tuple[int, int]:
    """Returns the partition and the offset of `packed`."""
    return position >> _OFFSET_BITS, position & (1 << _OFFSET_BITS) - 1


def is_committed(position: int, committed: Mapping[int, int]) -> bool:
    """Returns whether the message lies before what its partition's group had committed."""
    partition, offset = unpacked(position)
    return offset < committed.get(partition, 0)


def balance_articles(
    articles: Iterable[SentArticle],
    judgements: Iterable[Judgement],
    window: Window,
    has_letter: Callable[[int], bool],
    ledger: Ledger,
    *,
    count: Callable[[int], None] = lambda _: None,
) -> None:
    """Notes every article without its page or its one verdict, and every verdict without its article.

    Both are all those of some article ids. `has_letter` says of a position on the topic of articles whether a dead letter names
    it. `count` is called with the origin of each article, once however often that was sent.
    """
    sent: dict[tuple[bytes, int], list[int]] = defaultdict(list)
    for article in articles:
        sent[article.id, article.origin].append(article.position)
    verdicts: dict[tuple[bytes, int], dict[bytes, int]] = defaultdict(dict)
    for judgement in judgements:
        verdicts[judgement.id, judgement.origin].setdefault(judgement.digest, judgement.position)
    for (id_, origin), positions in sent.items():
        count(origin)
        if not window.has_page(origin):
            ledger.note(Finding(Fault.ARTICLE_WITHOUT_PAGE, id_.hex(), origin, positions[0]))
        if not window.has(origin) or (id_, origin) in verdicts or any(map(has_letter, positions)):
            continue
        if is_committed(positions[-1], window.dedup):
            ledger.note(Finding(Fault.ARTICLE_WITHOUT_VERDICT, id_.hex(), origin, positions[-1]))
        else:
            ledger.under_way["articles"] += 1
    for (id_, origin), digests in verdicts.items():
        if not window.has(origin):
            continue
        if (id_, origin) not in sent:
            ledger.note(Finding(Fault.VERDICT_WITHOUT_ARTICLE, id_.hex(), origin, min(digests.values())))
        if len(digests) > 1:
            ledger.note(Finding(Fault.ARTICLE_WITH_TWO_VERDICTS, id_.hex(), origin, max(digests.values())))


def by_document(effects: Iterable[Effect], documents: Iterable[Document]) -> dict[bytes, tuple[list[Effect], list[Document]]]:
    """Returns for each document id the effects that verdicts have on it, and the documents that the index has."""
    found: dict[bytes, tuple[list[Effect], list[Document]]] = defaultdict(lambda: ([], []))
    for effect in effects:
        found[effect.doc_id][0].append(effect)
    for document in documents:
        found[document.doc_id][1].append(document)
    return found


def document_faults(
    effects: Sequence[Effect],
    documents: Sequence[Document],
    window: Window,
    has_letter: Callable[[int], bool],
    *,
    scanned: Sequence[Document] | None = None,
) -> Iterator[Finding]:
    """Yields what is wrong with one document id: with the verdicts on it, and the documents of it.

    `has_letter` says of a position on the topic of verdicts whether a dead letter names it. Where the documents were read
    again after the verdicts, `scanned` are those of before: a newer version than theirs is that of a verdict to come.
    """
    due = [
        effect
        for effect in effects
        if window.has(effect.origin) and is_committed(effect.position, window.index) and not has_letter(effect.position)
    ]
    if not documents:
        if due:
            latest = max(due, key=lambda effect: effect.version)
            yield Finding(Fault.VERDICT_WITHOUT_DOCUMENT, latest.doc_id.hex(), latest.origin, latest.position)
        return
    document = max(documents, key=lambda found: found.version)
    id_ = document.doc_id.hex()
    if len(documents) > 1:
        detail = ", ".join(sorted(found.period for found in documents))
        yield Finding(Fault.DOCUMENT_IN_TWO_INDICES, id_, detail=detail)
    if not effects:
        if window.has_version(document.version):
            yield Finding(Fault.DOCUMENT_WITHOUT_VERDICT, id_, detail=f"version {document.version}")
        return
    binding = [effect for effect in due if not _may_stay_unwritten(effect, document)]
    latest = max(binding, key=lambda effect: effect.version, default=effects[0])
    if binding and document.version < latest.version:
        detail = f"version {document.version}, the verdict gives {latest.version}"
        yield Finding(Fault.DOCUMENT_BEHIND_VERDICT, id_, latest.origin, latest.position, detail)
        return
    kinds = {effect.kind for effect in effects if effect.version == document.version}
    known = [*(effect.version for effect in effects), *(before.version for before in scanned or ())]
    is_newer = scanned is not None and document.version > max(known)
    if not kinds and window.has_version(document.version) and not is_newer:
        yield Finding(Fault.DOCUMENT_OF_OTHER_VERSION, id_, latest.origin, latest.position, f"version {document.version}")
    if kinds and document.kind not in kinds:
        yield Finding(Fault.DOCUMENT_OF_OTHER_KIND, id_, latest.origin, latest.position)


def is_under_way(
    effects: Iterable[Effect], documents: Iterable[Document], window: Window, has_letter: Callable[[int], bool]
) -> bool:
    """Returns whether the index worker has yet to write a verdict on this document id that it had not committed."""
    version = max((document.version for document in documents), default=-1)
    return any(
        effect.version > version
        and window.has(effect.origin)
        and not is_committed(effect.position, window.index)
        and not has_letter(effect.position)
        for effect in effects
    )


def _may_stay_unwritten(effect: Effect, document: Document) -> bool:
    """Returns whether the index worker leaves a stored document as it is on this verdict: `indexing.worker.documents.effect`.

    The register had forgotten the article, and the index has it with the same content.
    """
    return not effect.known and (effect.read_also or effect.content == document.content)
