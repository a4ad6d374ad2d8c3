"""The template is there before the first document, and never changes under documents of another version."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.provision import OtherVersion, last_generation, provision, put_template, put_tombstone
from indexing.generations.state import ensure_index, read_generations, template_meta
from indexing.schema.reading import template_version
from streams.errors import RafidError


def test_provisioning_says_what_changed_and_the_second_time_nothing(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        (line,) = provision(client, namespace, "2024-03")

        kept = "an index a month from 2024-03 on, a year before"
        assert line == f"index template {namespace}-g1: created (version {template_version()}; {kept})"
        assert provision(client, namespace) == []


def test_which_months_have_an_index_stays_as_it_was_first_provisioned(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        provision(client, namespace, "2024-03")
        assert read_generations(client, namespace).live.monthly_from == "2024-03"
        ensure_index(client, read_generations(client, namespace), read_generations(client, namespace).live, "2013-05")
        client.indices.delete_index_template(name=names(namespace).template)

        with pytest.raises(RafidError, match=r"from 2024-03 on.*rafid reindex"):
            provision(client, namespace, "2025-01")
        provision(client, namespace)

        state = read_generations(client, namespace)
        assert (state.live.monthly_from, state.periods(state.live)) == ("2024-03", ["2013"])
        assert (template_meta(client, state.live) or {}).get("monthly_from") == "2024-03"


def test_a_namespace_of_before_years_shared_an_index_stays_by_month(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        put_template(client, names(namespace))

        assert provision(client, namespace) == []
        assert read_generations(client, namespace).live.index("2013-05") == f"{namespace}-g1-2013.05"


def test_of_several_that_provision_at_once_all_have_what_one_decided(elastic: ElasticSettings, namespace: str) -> None:
    asked = ["2016-01", "2017-01"]

    def alone(month: str) -> list[str]:
        with elastic.client() as client:
            return provision(client, namespace, month)

    with elastic.client() as client, ThreadPoolExecutor(len(asked)) as threads:
        done = [threads.submit(alone, month) for month in asked]
        lines = [future.result() for future in done if future.exception() is None]

        (created,) = filter(None, lines)
        assert f"from {read_generations(client, namespace).live.monthly_from} on" in created[0]
        assert {type(future.exception()) for future in done} <= {type(None), RafidError}


def test_a_template_that_no_index_was_made_from_is_replaced(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        put_tombstone(client, names(namespace))

        (line,) = provision(client, namespace)

        assert line == f"index template {namespace}-g1: replaced (version retired -> {template_version()})"
        meta = template_meta(client, names(namespace))
        assert meta is not None
        assert meta["version"] == template_version()


def test_an_index_of_another_version_is_refused(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        provision(client, namespace)
        live = names(namespace)
        ensure_index(client, read_generations(client, namespace), live, "2026-11")
        client.indices.put_mapping(index=live.index("2026-11"), meta={"version": "of the past"})

        with pytest.raises(OtherVersion, match="rafid reindex"):
            provision(client, namespace)


def test_a_month_comes_with_the_aliases_of_its_generation_and_is_made_once(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        provision(client, namespace)
        live = names(namespace)

        assert ensure_index(client, read_generations(client, namespace), live, "2026-11")
        assert not ensure_index(client, read_generations(client, namespace), live, "2026-11")

        aliases = client.indices.get_alias(index=live.index("2026-11")).body[live.index("2026-11")]["aliases"]
        assert set(aliases) == {live.everything, live.articles, live.sightings}


def test_a_generation_that_ever_was_is_not_counted_anew(elastic: ElasticSettings, namespace: str) -> None:
    with elastic.client() as client:
        assert last_generation(client, read_generations(client, namespace)) == 0
        put_tombstone(client, names(namespace, 7))
        assert last_generation(client, read_generations(client, namespace)) == 7
