"""The law of conservation: any honest history adds up, and whatever is taken from it or put into it is named."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from deploy.audit.law import (
    Document,
    Effect,
    Fault,
    Finding,
    Judgement,
    Ledger,
    SentArticle,
    Window,
    balance_articles,
    by_document,
    document_faults,
    is_committed,
    is_under_way,
    packed,
    unpacked,
)

PARTITIONS = 3
NEW, COPY = 0, 1


class History(NamedTuple):
    """Messages and documents of some pages: a page at each origin, an article of it, its verdict and its document."""

    articles: list[SentArticle]
    judgements: list[Judgement]
    effects: list[Effect]
    documents: list[Document]
    window: Window


def identity(number: int) -> bytes:
    return number.to_bytes(16, "big")


@st.composite
def histories(draw: st.DrawFn) -> History:
    """An honest history in which pages come again and, as after a crash, any message may have been sent twice."""
    pages = draw(st.lists(st.integers(0, 5), min_size=1, max_size=7))  # the article that the page at each place has
    articles: list[SentArticle] = []
    judgements: list[Judgement] = []
    effects: list[Effect] = []
    documents: dict[int, Document] = {}
    for place, number in enumerate(pages):
        origin = packed(place % PARTITIONS, place // PARTITIONS)
        kind = NEW if number not in documents else COPY
        version = 1_000 + place
        for _ in range(draw(st.integers(1, 2))):
            articles.append(SentArticle(identity(number), origin, packed(0, len(articles))))
        for _ in range(draw(st.integers(1, 2))):
            position = packed(0, len(judgements))
            judgements.append(Judgement(identity(number), origin, identity(place), position))
            content = identity(place)
            effects.append(Effect(identity(number), version, kind, kind == COPY, False, content, origin, position))
        documents[number] = Document(identity(number), version, kind, "2025-01", identity(place))
    ends = {partition: len(range(partition, len(pages), PARTITIONS)) for partition in range(PARTITIONS)}
    window = Window({}, ends, ends, ends, {0: len(articles)}, {0: len(judgements)})
    return History(articles, judgements, effects, [*documents.values()], window)


def faults(history: History, has_letter: Callable[[int], bool] = lambda _: False) -> list[Finding]:
    """All that is found, as an audit puts it together."""
    found: list[Finding] = []
    balance_articles(history.articles, history.judgements, history.window, has_letter, Ledger(found.append))
    for effects, documents in by_document(history.effects, history.documents).values():
        found += document_faults(effects, documents, history.window, has_letter)
    return found


def kinds(found: Sequence[Finding]) -> set[tuple[Fault, str | None]]:
    return {(finding.fault, finding.id) for finding in found}


@given(st.integers(0, 2**15 - 1), st.integers(0, 2**48 - 1))
def test_a_place_comes_back_from_its_number(partition: int, offset: int) -> None:
    assert unpacked(packed(partition, offset)) == (partition, offset)


@given(histories(), st.randoms(use_true_random=False))
def test_an_honest_history_adds_up_in_whatever_order_it_is_read(history: History, chance: object) -> None:
    chance.shuffle(history.judgements)  # type: ignore[attr-defined]
    chance.shuffle(history.effects)  # type: ignore[attr-defined]

    assert faults(history) == []


@given(histories(), st.data())
def test_an_article_whose_verdict_is_gone_is_named(history: History, data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(history.judgements))
    left = [judgement for judgement in history.judgements if (judgement.id, judgement.origin) != (lost.id, lost.origin)]

    assert kinds(faults(history._replace(judgements=left))) == {(Fault.ARTICLE_WITHOUT_VERDICT, lost.id.hex())}


@given(histories())
def test_an_article_that_was_sent_twice_is_counted_once(history: History) -> None:
    counted: list[int] = []

    balance_articles(
        history.articles, history.judgements, history.window, lambda _: False, Ledger(lambda _: None), count=counted.append
    )

    assert sorted(counted) == sorted({article.origin for article in history.articles})


@given(histories(), st.data())
def test_a_verdict_whose_article_is_gone_is_named(history: History, data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(history.articles))
    left = [article for article in history.articles if (article.id, article.origin) != (lost.id, lost.origin)]

    assert kinds(faults(history._replace(articles=left))) == {(Fault.VERDICT_WITHOUT_ARTICLE, lost.id.hex())}


@given(histories(), st.data())
def test_a_document_that_is_gone_is_named(history: History, data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(history.documents))
    left = [document for document in history.documents if document != lost]

    assert kinds(faults(history._replace(documents=left))) == {(Fault.VERDICT_WITHOUT_DOCUMENT, lost.doc_id.hex())}


@given(histories(), st.data())
def test_a_document_in_the_index_of_a_month_and_in_that_of_a_year_is_named(history: History, data: st.DataObject) -> None:
    doubled = data.draw(st.sampled_from(history.documents))
    more = [*history.documents, doubled._replace(period="2013")]

    found = faults(history._replace(documents=more))

    assert kinds(found) == {(Fault.DOCUMENT_IN_TWO_INDICES, doubled.doc_id.hex())}
    assert {finding.detail for finding in found} == {"2013, 2025-01"}


@given(histories(), st.data())
def test_a_document_that_an_old_write_covers_is_named(history: History, data: st.DataObject) -> None:
    hurt = data.draw(st.sampled_from(history.documents))
    left = [
        hurt._replace(version=1, content=b"other" * 3 + b"!") if document == hurt else document for document in history.documents
    ]

    assert kinds(faults(history._replace(documents=left))) == {(Fault.DOCUMENT_BEHIND_VERDICT, hurt.doc_id.hex())}


@given(histories(), st.integers(6, 100))
def test_a_document_that_no_verdict_explains_is_named(history: History, number: int) -> None:
    more = [*history.documents, Document(identity(number), 1_000, NEW, "2025-01")]

    assert kinds(faults(history._replace(documents=more))) == {(Fault.DOCUMENT_WITHOUT_VERDICT, identity(number).hex())}


@given(histories(), st.data())
def test_two_verdicts_that_differ_on_one_article_are_named(history: History, data: st.DataObject) -> None:
    twice = data.draw(st.sampled_from(history.judgements))
    more = [*history.judgements, twice._replace(digest=b"other", position=packed(0, len(history.judgements)))]

    assert kinds(faults(history._replace(judgements=more))) == {(Fault.ARTICLE_WITH_TWO_VERDICTS, twice.id.hex())}


@given(histories(), st.data())
def test_what_has_a_dead_letter_is_no_loss(history: History, data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(history.articles))
    named = {article.position for article in history.articles if (article.id, article.origin) == (lost.id, lost.origin)}
    left = [judgement for judgement in history.judgements if (judgement.id, judgement.origin) != (lost.id, lost.origin)]

    assert faults(history._replace(judgements=left, effects=[], documents=[]), named.__contains__) == []


@given(histories(), st.data())
def test_what_no_group_had_committed_is_under_way_and_no_loss(history: History, data: st.DataObject) -> None:
    dedup, index = (data.draw(st.integers(0, len(part))) for part in (history.articles, history.judgements))
    window = dataclasses.replace(history.window, dedup={0: dedup}, index={0: index})
    judged = {(article.id, article.origin) for article in history.articles if is_committed(article.position, window.dedup)}
    judgements = [judgement for judgement in history.judgements if (judgement.id, judgement.origin) in judged]
    effects = [effect for effect in history.effects if (effect.doc_id, effect.origin) in judged]
    done = [effect for effect in effects if is_committed(effect.position, window.index)]
    written = {effect.doc_id: Document(effect.doc_id, effect.version, effect.kind, "2025-01", effect.content) for effect in done}
    cut = History(history.articles, judgements, effects, [*written.values()], window)

    assert faults(cut) == []
    waiting = {
        effect.doc_id
        for effect in effects
        if effect.version > (written[effect.doc_id].version if effect.doc_id in written else -1)
    }
    joined = by_document(cut.effects, cut.documents)
    assert {id_ for id_, (wanted, found) in joined.items() if is_under_way(wanted, found, window, lambda _: False)} == waiting
