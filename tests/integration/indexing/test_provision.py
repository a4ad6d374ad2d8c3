"""The template is there before the first document, and never changes under documents of another version."""

from __future__ import annotations

import pytest

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import OtherVersion, last_generation, provision, put_tombstone, template_meta
from indexing.generations.state import ensure_month, read
from indexing.schema.reading import VERSION


def test_provisioning_says_what_changed_and_the_second_time_nothing(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        assert provision(client, namespace) == [f"index template {namespace}-g1: created (version {VERSION})"]
        assert provision(client, namespace) == []


def test_a_template_that_no_index_was_made_from_is_replaced(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        put_tombstone(client, names(namespace))

        (line,) = provision(client, namespace)

        assert line == f"index template {namespace}-g1: replaced (version retired -> {VERSION})"
        meta = template_meta(client, names(namespace))
        assert meta is not None
        assert meta["version"] == VERSION


def test_an_index_of_another_version_is_refused(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        provision(client, namespace)
        live = names(namespace)
        ensure_month(client, read(client, namespace), live, "2026-11")
        client.indices.put_mapping(index=live.index("2026-11"), meta={"version": "of the past"})

        with pytest.raises(OtherVersion, match="rafid reindex"):
            provision(client, namespace)


def test_a_month_comes_with_the_aliases_of_its_generation_and_is_made_once(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        provision(client, namespace)
        live = names(namespace)

        assert ensure_month(client, read(client, namespace), live, "2026-11")
        assert not ensure_month(client, read(client, namespace), live, "2026-11")

        aliases = client.indices.get_alias(index=live.index("2026-11")).body[live.index("2026-11")]["aliases"]
        assert set(aliases) == {live.everything, live.articles, live.sightings}


def test_a_generation_that_ever_was_is_not_counted_anew(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        assert last_generation(client, read(client, namespace)) == 0
        put_tombstone(client, names(namespace, 7))
        assert last_generation(client, read(client, namespace)) == 7
