"""The steps of a rebuild between its workers and the swap: compare, carry over, swap, and drop."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence

import orjson
from elasticsearch import Elasticsearch

from deploy.audit import logs
from deploy.rebuild.comparison import Change, Fate, change, fates
from deploy.rebuild.reading import bodies, last_pages, snapshots
from indexing.elastic.bulk import post
from indexing.elastic.outcomes import Outcome
from indexing.elastic.writes import Write
from indexing.generations.names import names, period_of
from indexing.generations.serving import Given, give, server_of
from indexing.generations.state import ensure_index, read_generations
from streams.connect import clients
from streams.connect.kafka import KafkaSettings
from streams.connect.provision import remove
from streams.errors import RafidError
from streams.topics import group, topics
from streams.workers.splitter import Rules

# Stories whose pages are read again to tell which rule changed them: a sample says enough, and bounds memory (by reading).
LOOKED_AT = 2_000
CARRIED = 200  # documents in a request


@dataclasses.dataclass(frozen=True, slots=True)
class Comparison:
    """What a rebuild makes otherwise: ids by fate, lines by the rule that decided, and the stories that were looked at."""

    namespace: str
    into: str
    ids: dict[Fate, list[bytes]]
    rules: Counter[str]
    changes: tuple[Change, ...]


def compare(kafka: KafkaSettings, client: Elasticsearch, into: str, rules: Rules) -> Comparison:
    """Returns how the index of `into` differs from what the namespace of `kafka` shows; reads only, beside live traffic.

    Of the stories with another text up to 2,000, spread evenly over the ids, are split again by the present rules.
    """
    names_ = topics(kafka.namespace)
    live = server_of(client, kafka.namespace)
    if live == into:
        raise RafidError(f"{into} answers under the aliases of {kafka.namespace} already: there is nothing to compare it with")
    with clients.open_consumer(kafka, **logs.CONSUMER) as consumer, clients.admin(kafka) as admin:
        ids = _fates_now(client, live, into, logs.retained_since_ms(consumer, admin, names_.pages))
        sample = _spread(sorted(ids["text"]), LOOKED_AT)
        pages = last_pages(consumer, names_.pages, sample)
    before, after = bodies(client, read_generations(client, live), sample), bodies(client, read_generations(client, into), sample)
    changes = [
        change(pages[id_], before[id_], after[id_], rules.get(pages[id_].source))
        for id_ in sample
        if id_ in pages and id_ in before and id_ in after
    ]
    seen = tuple(one for one in changes if one.gone or one.come)
    return Comparison(kafka.namespace, into, ids, sum((one.rules for one in seen), Counter[str]()), seen)


def _fates_now(client: Elasticsearch, live: str, into: str, pages_since_ms: int) -> dict[Fate, list[bytes]]:
    # What was acknowledged a moment ago is seen by no search before the next refresh, which may be half a minute away.
    client.indices.refresh(index=f"{names(live).pattern},{names(into).pattern}")
    return fates(snapshots(client, live), snapshots(client, into), pages_since_ms)


def _spread(ids: Sequence[bytes], most: int) -> list[bytes]:
    step = max(1, -(-len(ids) // most))
    return list(ids[::step])


def swap(kafka: KafkaSettings, client: Elasticsearch, into: str) -> tuple[Given, int]:
    """Searches of the namespace of `kafka` find the rebuild `into`; returns what that changed, and how many were carried over.

    What is carried over are the documents whose pages the topic no longer holds. Raises RafidError, and searches find what they
    found, when Elasticsearch refuses one of these or when `into` cannot be given the aliases.
    """
    live = server_of(client, kafka.namespace)
    with clients.open_consumer(kafka, **logs.CONSUMER) as consumer, clients.admin(kafka) as admin:
        since_ms = logs.retained_since_ms(consumer, admin, topics(kafka.namespace).pages)
    older = _fates_now(client, live, into, since_ms)["older"] if since_ms else []
    carried = carry_over(client, live, into, older)
    return give(client, kafka.namespace, into), carried


def carry_over(client: Elasticsearch, live: str, into: str, ids: Sequence[bytes]) -> int:
    """Copies the documents of these ids, as the live namespace has them, into the rebuild; returns how many were written.

    Raises RafidError when Elasticsearch refuses one; what was written until then stays, and the next call goes on.
    """
    state, written = read_generations(client, live), 0
    for start in range(0, len(ids), CARRIED):
        found = client.search(
            index=state.live.pattern,
            query={"ids": {"values": [id_.hex() for id_ in ids[start : start + CARRIED]]}},
            size=CARRIED,
            version=True,
            track_total_hits=False,
            allow_partial_search_results=False,
        )["hits"]["hits"]
        writes = [
            Write(hit["_id"], period_of(hit["_index"], live) or "", hit["_version"], orjson.dumps(hit["_source"]))
            for hit in found
        ]
        target = read_generations(client, into)
        for period in {write.period for write in writes}:
            ensure_index(client, target, target.live, period)
        addressed = [(write, target.live.index(write.period)) for write in writes]
        for (write, index), answer in zip(addressed, post(client, addressed) if addressed else (), strict=True):
            if answer.outcome is not Outcome.DONE:
                raise RafidError(f"document {write.doc_id} was not carried over to {index}: {answer.status} {answer.error}")
        written += len(writes)
    return written


def drop(kafka: KafkaSettings, client: Elasticsearch, into: str) -> int:
    """Deletes the indices, templates, topics and groups of the rebuild; returns how many indices there were.

    Raises RafidError, and nothing is gone, when the rebuild is what searches of the live namespace find, or is that namespace.
    """
    if into == kafka.namespace:
        raise RafidError(f"{into} is the namespace itself, no rebuild of it")
    if server_of(client, kafka.namespace) == into:
        raise RafidError(f"searches of {kafka.namespace} find {into}: `rafid rebuild back` first")
    called = names(into)
    indices = sorted(client.indices.get(index=called.all_generations, filter_path="*.settings.index.uuid").body)
    if indices:
        client.indices.delete(index=indices)
    client.options(ignore_status=404).indices.delete_index_template(name=called.all_generations)
    settings = dataclasses.replace(kafka, namespace=into)
    remove(settings)
    with clients.admin(settings) as admin:
        admin.delete_groups([group(worker, into) for worker in ("split", "dedup", "index")])
    return len(indices)
