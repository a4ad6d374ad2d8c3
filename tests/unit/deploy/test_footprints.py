"""What each process may have: the figures of docs/scaling.md, which were measured, are those of the manifests and of compose."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest
import yaml

from tests.support.manifests import KUBERNETES, WORKLOADS, pod_of
from tests.support.runbook import COMPOSE
from tests.support.servers import ROOT

MIB = {"Mi": 1, "Gi": 1024, "m": 1, "g": 1024}
ROW = re.compile(r"\| `(?P<name>[\w-]+)` \| (?P<rest>[\d,]+) MiB \| (?P<peak>[\d,]+) MiB \| (\w+) \| (\w+) \| (\w+) \|")
SERVICES = {"split": ("split-1", "split-2"), "dedup": ("dedup", "dedup-standby")}  # those that have another name


# A process's thousandths of a core at rest, its seconds for 1,000 of what it takes in, how many of these a second it is asked
# for, and what it asks for and may have.
SPENT = re.compile(
    r"\| `(?P<name>[\w-]+)` \| (?P<rest>\d+)m \| (?P<cost>[\d.]+) s \| (?P<a_second>[\d.]+) "
    r"\| (?P<request>\d+)m \| (?P<limit>\d+) \|"
)
MORE = {"dedup", "feeds"}  # they ask for more than they spend; the page says why


class Footprint(NamedTuple):
    """A process in MiB: what it held at rest and at its peak, what it asks for, and what it may have in a pod and in compose."""

    rest: int
    peak: int
    request: int
    limit: int
    compose: int


def mebibytes(text: str) -> int:
    """A size as Kubernetes (`512Mi`) or compose (`512m`) writes it."""
    found = re.fullmatch(r"(\d+)(Mi|Gi|m|g)", text)
    assert found, text
    return int(found[1]) * MIB[found[2]]


FOOTPRINTS = {
    found["name"]: Footprint(
        *(int(found[column].replace(",", "")) for column in ("rest", "peak")), *(mebibytes(found[number]) for number in (4, 5, 6))
    )
    for found in ROW.finditer((ROOT / "docs/scaling.md").read_text(encoding="utf-8"))
}
PODS = {
    container["name"]: container["resources"]
    for file in sorted((KUBERNETES / "base").glob("*.yaml"))
    for each in yaml.safe_load_all(file.read_text())
    if each and each["kind"] in WORKLOADS and each["kind"] not in ("Job", "CronJob")
    for container in pod_of(each)["spec"]["containers"]
}


def test_every_process_that_runs_on_has_a_row() -> None:
    assert set(FOOTPRINTS) == set(PODS)


@pytest.mark.parametrize("name", FOOTPRINTS)
def test_a_pod_and_a_service_have_what_the_table_says(name: str) -> None:
    row, resources = FOOTPRINTS[name], PODS[name]

    assert mebibytes(resources["requests"]["memory"]) == row.request
    assert mebibytes(resources["limits"]["memory"]) == row.limit
    assert {mebibytes(COMPOSE[service]["mem_limit"]) for service in SERVICES.get(name, (name,))} == {row.compose}


@pytest.mark.parametrize("name", FOOTPRINTS)
def test_a_process_may_have_twice_what_it_held_at_its_peak_and_asks_for_what_it_holds(name: str) -> None:
    row = FOOTPRINTS[name]

    assert row.peak <= row.request
    assert 2 * row.peak <= min(row.limit, row.compose)


COSTS = {found["name"]: found for found in SPENT.finditer((ROOT / "docs/scaling.md").read_text(encoding="utf-8"))}


def millicores(text: str) -> int:
    """Thousandths of a core, as Kubernetes writes them (`500m`, `2`)."""
    return int(text.removesuffix("m")) if text.endswith("m") else 1_000 * int(text)


def test_every_process_that_runs_on_has_a_row_of_what_it_spends() -> None:
    assert set(COSTS) == set(PODS)


@pytest.mark.parametrize("name", COSTS)
def test_a_pod_asks_for_twice_what_it_spends_at_the_peak_and_not_for_much_more(name: str) -> None:
    row, resources = COSTS[name], PODS[name]
    request = millicores(resources["requests"]["cpu"])
    at_peak = int(row["rest"]) + float(row["cost"]) * float(row["a_second"])  # seconds for 1,000 are thousandths for one a second

    assert request == int(row["request"])
    assert millicores(resources["limits"]["cpu"]) == 1_000 * int(row["limit"])
    assert 2 * at_peak <= request
    assert name in MORE or request <= 2 * at_peak + 100
