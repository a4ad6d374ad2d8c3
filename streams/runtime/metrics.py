"""Every metric that a process may show: its name, kind and meaning. Pure; rules and dashboards are held to it by tests.

Each sample carries the label `stage`, and the labels named here; their values come from closed lists, but for `source`, which
names at most a hundred sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple


class Metric(NamedTuple):
    """What a metric counts or measures; a counter's samples are named with `_total` behind it."""

    kind: Literal["counter", "gauge", "histogram"]
    meaning: str
    labels: tuple[str, ...] = ()


METRICS: Mapping[str, Metric] = {
    "rafid_items": Metric("counter", "Items that found their fate.", ("fate",)),
    "rafid_dead_letters": Metric("counter", "Messages that became dead letters.", ("reason",)),
    "rafid_retries": Metric("counter", "Requests that were tried again.", ("operation",)),
    "rafid_articles_made": Metric("counter", "Articles that pages were cut into."),
    "rafid_alive": Metric("gauge", "1 while the loop turns or the process still starts."),
    "rafid_ready": Metric("gauge", "1 when the process is at work and caught up."),
    "rafid_loop_idle_seconds": Metric("gauge", "Since the loop last turned."),
    "rafid_last_success_timestamp_seconds": Metric("gauge", "When a batch was last durable; 0 before the first."),
    "rafid_lag_messages": Metric("gauge", "Messages of an assigned partition still to settle.", ("topic", "partition")),
    "rafid_overdue_messages": Metric(
        "gauge", "Those of them that were there a minute ago, or when the assignment began.", ("topic", "partition")
    ),
    "rafid_batch_messages": Metric("histogram", "Messages of a batch that is durable."),
    "rafid_batch_duration_seconds": Metric("histogram", "From taking a batch to its being durable."),
    "rafid_page_age_seconds": Metric(
        "histogram", "From a page's append to its topic to its document being written; a search sees it with the next refresh."
    ),
    "rafid_register_entries": Metric("gauge", "Entries of the register; 0 on standby."),
    "rafid_register_rebuild_seconds": Metric("gauge", "From the last rebalance to a register that judges."),
    "rafid_sources": Metric("gauge", "Sources by what they are against their own past.", ("state",)),
    "rafid_odd_source": Metric("gauge", "1 for a source that is silent or empty against its own past.", ("source", "state")),
    "rafid_sources_judged_timestamp_seconds": Metric("gauge", "When sources were last judged; 0 before the first time."),
}


OF_SOURCES = frozenset({"rafid_sources", "rafid_odd_source", "rafid_sources_judged_timestamp_seconds"})  # of `dashboards` alone


def sample_names() -> frozenset[str]:
    """Returns the names that samples of these metrics have in a scrape."""
    endings = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}
    return frozenset(name + ending for name, metric in METRICS.items() for ending in endings[metric.kind])
