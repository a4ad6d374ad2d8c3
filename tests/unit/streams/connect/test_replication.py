"""A message is kept on three brokers where there are as many, and what could never be acknowledged is refused."""

from __future__ import annotations

import pytest

from streams.connect.replication import Replication, replication
from streams.errors import RafidError


@pytest.mark.parametrize(("brokers", "factor", "in_sync"), [(1, 1, 1), (2, 2, 1), (3, 3, 2), (12, 3, 2)])
def test_a_message_is_on_three_brokers_at_most_and_one_of_them_may_be_gone(brokers: int, factor: int, in_sync: int) -> None:
    assert replication(brokers) == Replication(factor, in_sync)


def test_what_was_asked_for_is_done() -> None:
    assert replication(5, 5, 3) == Replication(5, 3)


def test_topics_of_a_single_replica_keep_the_setting_of_their_cluster() -> None:
    assert replication(1).config() == {}
    assert replication(3).config() == {"min.insync.replicas": "2"}


def test_more_replicas_than_brokers_are_refused() -> None:
    with pytest.raises(RafidError, match="a replication factor of 3 needs as many brokers, and this Kafka has 2"):
        replication(2, 3)


def test_more_in_sync_than_there_are_is_refused() -> None:
    with pytest.raises(RafidError, match="nothing would be acknowledged"):
        replication(3, 2, 3)
