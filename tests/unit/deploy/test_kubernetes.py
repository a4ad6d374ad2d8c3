"""The manifests, rendered: valid for Kubernetes and the operators, and as hardened as production needs."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from typing import Any

import click
import jsonschema
import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

import rafid
from deploy.security.rights import Acl, principals
from streams.topics import topics
from tests.support.manifests import CRDS, KUBERNETES, WORKLOADS, key, pod_of, rendered

FEEDS = ["produce", "feeds", "/etc/rafid/sources/sources.toml", "--sitemaps"]
OVERLAYS = ("dev", "production")
CORE = re.compile(r"v1|(apps|batch|policy)/v1|networking\.k8s\.io/v1")
BY_HAND = ("search",)  # a person's, with no pod
ELASTIC_USERS = (
    "index",
    "console",
    "dead-letters",
    "provision",
    "dashboards",
    "audit",
    "reindex",
)  # the README makes their secrets
PLAIN = {"rafid-keda", "rafid-elastic-roles"}  # names of mechanisms, users and privileges


@functools.cache
def manifests(overlay: str) -> list[dict[str, Any]]:
    return rendered(overlay)


def workloads(overlay: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each pod that is ours, with the name of what makes it."""
    for manifest in manifests(overlay):
        if manifest["kind"] in WORKLOADS:
            yield key(manifest), pod_of(manifest)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_kubernetes_takes_every_object_of_its_own(overlay: str) -> None:
    for manifest in manifests(overlay):
        if CORE.fullmatch(manifest["apiVersion"]):
            kubernetes_validate.validate(manifest, "1.33", strict=True)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_operators_take_the_rest(overlay: str) -> None:
    if not CRDS.is_dir():
        pytest.skip("NOT TESTED: the schemas of the operators are not there")
    for manifest in manifests(overlay):
        if CORE.fullmatch(manifest["apiVersion"]):
            continue
        group, _, version = manifest["apiVersion"].partition("/")
        schema = json.loads((CRDS / f"{manifest['kind'].lower()}-{group}-{version}.json").read_text())
        errors = [error.message[:200] for error in jsonschema.Draft202012Validator(schema).iter_errors(manifest)]
        assert errors == [], key(manifest)


def test_topics_are_those_of_the_table() -> None:
    made = {m["metadata"]["name"]: m["spec"] for m in manifests("production") if m["kind"] == "KafkaTopic"}

    assert made == {t.name: {"partitions": t.partitions, "replicas": 3, "config": t.config} for t in topics().all()}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_resource_of_a_user_is_there(overlay: str) -> None:
    known = {topic.name for topic in topics().all()}
    for manifest in manifests(overlay):
        if manifest["kind"] == "KafkaUser":
            for acl in manifest["spec"]["authorization"]["acls"]:
                if acl["resource"]["type"] == "topic":
                    assert acl["resource"]["name"] in known


def test_a_user_has_the_rights_of_the_table_and_no_others() -> None:
    users = [each for each in yaml.safe_load_all((KUBERNETES / "base/users.yaml").read_text()) if each]

    given = {
        user["metadata"]["name"]: {
            Acl(acl["resource"]["type"], acl["resource"]["name"], operation)
            for acl in user["spec"]["authorization"]["acls"]
            for operation in acl["operations"]
        }
        for user in users
    }

    assert given == {each.user: each.acls for each in principals().values() if each.acls and each.name not in BY_HAND}


def test_a_process_has_the_role_of_the_table_in_elasticsearch_and_is_the_only_user_with_it() -> None:
    (roles,) = (m["stringData"]["roles.yml"] for m in manifests("production") if key(m) == "Secret/rafid-elastic-roles")
    (auth,) = (m["spec"]["auth"] for m in manifests("production") if m["kind"] == "Elasticsearch")
    wanted = {each.name: each for each in principals().values() if each.role and each.name not in BY_HAND}

    assert [secret["secretName"] for secret in auth["fileRealm"]] == [f"rafid-elastic-{name}" for name in ELASTIC_USERS]
    assert set(ELASTIC_USERS) == set(wanted)
    assert yaml.safe_load(roles) == {
        each.user: {kind: rights for kind, rights in (each.role or {}).items() if rights} for each in wanted.values()
    }


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_pod_logs_in_as_the_principal_that_its_command_is_for(overlay: str) -> None:
    purposes = {word: each for each in principals().values() for word in each.does.split(", ")}
    for name, template in workloads(overlay):
        (container,) = template["spec"]["containers"]
        called = " ".join(["rafid", *container["args"]])
        (principal,) = {each.name for word, each in purposes.items() if f"{called} ".startswith(f"{word} ")}
        assert set(logins(container)) <= {
            (f"rafid-{principal}", f"rafid-{principal}"),
            (f"rafid-{principal}", f"rafid-elastic-{principal}"),
        }
        assert logins(container), name


def logins(container: dict[str, Any]) -> list[tuple[str, str]]:
    """Each user that the container logs in as, with the secret that its password is from."""
    given = {each["name"]: each.get("value") or each["valueFrom"]["secretKeyRef"]["name"] for each in container["env"]}
    return [(user, given[name.replace("_USER", "_PASSWORD")]) for name, user in given.items() if name.endswith("_USER")]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_container_calls_a_command_with_options_and_variables_that_it_reads(overlay: str) -> None:
    config = next(m["data"] for m in manifests(overlay) if key(m) == "ConfigMap/rafid")
    variables: set[str] = set()
    for name, template in workloads(overlay):
        (container,) = template["spec"]["containers"]
        command, words = command_of(container["args"])
        options = {opt: param for param in command.params for opt in param.opts if isinstance(param, click.Option)}
        assert {word for word in words if word.startswith("--")} <= set(options), name
        read = {str(param.envvar) for param in command.params}
        assert {each["name"] for each in container.get("env", ())} <= read | {"RAFID_KAFKA_USER", "RAFID_KAFKA_PASSWORD"}, name
        variables |= read
    assert set(config) <= variables


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that the words call, and the words that are left for it."""
    command: click.Command = rafid.cli
    for number, word in enumerate(words):
        if not isinstance(command, click.Group):
            return command, words[number:]
        found = command.get_command(click.Context(command), word)
        assert found is not None, words
        command = found
    return command, []


def test_no_secret_is_written_down() -> None:
    for manifest in manifests("production"):
        if manifest["kind"] == "Secret":
            assert manifest["metadata"]["name"] in PLAIN
    for name, template in workloads("production"):
        for variable in template["spec"]["containers"][0].get("env", ()):
            secret = re.search(r"PASSWORD|KEY|TOKEN|SECRET", variable["name"])
            assert not secret or "secretKeyRef" in variable["valueFrom"], name


def test_every_image_has_a_version() -> None:
    for name, template in workloads("production"):
        image, _, tag = template["spec"]["containers"][0]["image"].rpartition(":")
        assert image, name
        assert tag not in ("", "latest"), name


def test_nothing_runs_as_root_or_writes_to_its_image() -> None:
    for name, template in workloads("production"):
        pod, (container,) = template["spec"]["securityContext"], template["spec"]["containers"]
        own = container["securityContext"]
        assert pod["runAsNonRoot"], name
        assert pod["runAsUser"] > 0, name
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert own["readOnlyRootFilesystem"], name
        assert not own["allowPrivilegeEscalation"], name
        assert own["capabilities"] == {"drop": ["ALL"]}, name
        assert template["spec"]["automountServiceAccountToken"] is False, name


def test_every_container_has_bounds_and_what_runs_on_has_probes() -> None:
    for name, template in workloads("production"):
        (container,) = template["spec"]["containers"]
        assert {"cpu", "memory"} == set(container["resources"]["limits"]) == set(container["resources"]["requests"]), name
        probes = {"livenessProbe", "readinessProbe", "startupProbe"} & set(container)
        assert len(probes) == (0 if "Job/" in name else 3), name


def test_what_a_pod_may_reach_is_said_for_every_pod() -> None:
    policies = [m for m in manifests("production") if m["kind"] == "NetworkPolicy"]
    deny = next(m["spec"] for m in policies if m["metadata"]["name"] == "rafid-deny")
    assert set(deny["policyTypes"]) == {"Ingress", "Egress"}
    selected = deny["podSelector"]["matchLabels"].items()
    allowed = {
        value
        for policy in policies
        for expression in policy["spec"]["podSelector"].get("matchExpressions", ())
        for value in expression["values"]
    }
    for name, template in workloads("production"):
        labels = template["metadata"]["labels"]
        assert selected <= labels.items(), name
        assert labels["app.kubernetes.io/component"] in allowed, name


def servers() -> dict[str, tuple[dict[str, Any], list[dict[str, Any]]]]:
    """The pods that operators make for us: the security context of each, and bounds and context of its containers."""
    found: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for manifest in manifests("production"):
        spec, name = manifest.get("spec", {}), key(manifest)
        match manifest["kind"]:
            case "KafkaNodePool":
                own = spec["template"]
                container = {"resources": spec["resources"], **own["kafkaContainer"]}
                found[name] = own["pod"]["securityContext"], [container]
            case "Kafka":
                own = spec["entityOperator"]
                containers = [{**own[each], **own["template"][f"{each}Container"]} for each in ("topicOperator", "userOperator")]
                found[name] = own["template"]["pod"]["securityContext"], containers
            case "Elasticsearch" | "Kibana":
                pods = [each["podTemplate"]["spec"] for each in spec.get("nodeSets", [spec])]
                found |= {f"{name}-{number}": (pod["securityContext"], pod["containers"]) for number, pod in enumerate(pods)}
    return found


def test_what_operators_make_has_bounds_and_is_no_root() -> None:
    assert len(servers()) == 5
    for name, (pod, containers) in servers().items():
        assert pod["runAsNonRoot"], name
        assert pod["seccompProfile"] == {"type": "RuntimeDefault"}, name
        for container in containers:
            assert {"cpu", "memory"} == set(container["resources"]["limits"]) == set(container["resources"]["requests"]), name
            assert not container["securityContext"]["allowPrivilegeEscalation"], name
            assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}, name


def test_what_operators_make_has_a_version_and_is_reached_by_who_needs_it() -> None:
    named = {key(m): m["spec"] for m in manifests("production") if "spec" in m}
    for name in ("Elasticsearch/rafid", "Kibana/rafid"):
        assert re.fullmatch(r"\d+\.\d+\.\d+", named[name]["version"]), name
        policy = named[f"NetworkPolicy/rafid-{name.partition('/')[0].lower()}"]
        assert set(policy["policyTypes"]) == {"Ingress", "Egress"}, name
        assert all(rule["from"] and rule["ports"] for rule in policy["ingress"]), name
        assert all(rule["to"] and rule["ports"] for rule in policy["egress"]), name
    reaching = named["NetworkPolicy/rafid-to-elasticsearch"]["podSelector"]["matchExpressions"]
    let_in = named["NetworkPolicy/rafid-elasticsearch"]["ingress"][0]["from"][0]["podSelector"]["matchExpressions"]
    assert reaching == let_in
    kafka = named["Kafka/rafid"]["kafka"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", kafka["version"])
    assert all(listener["networkPolicyPeers"] and listener["tls"] for listener in kafka["listeners"])


def test_what_has_replicas_has_a_disruption_budget() -> None:
    budgets = {
        tuple(m["spec"]["selector"]["matchLabels"].items()) for m in manifests("production") if m["kind"] == "PodDisruptionBudget"
    }
    for manifest in manifests("production"):
        if manifest["kind"] in ("Deployment", "StatefulSet") and manifest["spec"]["replicas"] > 1:
            assert tuple(manifest["spec"]["selector"]["matchLabels"].items()) in budgets, key(manifest)


def test_a_reader_who_logged_in_comes_back_to_the_pod_that_knows_the_login() -> None:
    named = {key(m): m for m in manifests("production")}

    assert named["Deployment/rafid-console"]["spec"]["replicas"] > 1
    assert named["Service/rafid-console"]["spec"]["sessionAffinity"] == "ClientIP"
    assert named["Ingress/rafid-console"]["metadata"]["annotations"]["nginx.ingress.kubernetes.io/affinity"] == "cookie"


def test_a_worker_is_scaled_to_its_topics_partitions_at_most() -> None:
    partitions = {topic.name: topic.partitions for topic in topics().all()}
    scalers = [m["spec"] for m in manifests("production") if m["kind"] == "ScaledObject"]

    assert {spec["scaleTargetRef"]["name"] for spec in scalers} == {"rafid-split", "rafid-index"}
    for spec in scalers:
        (trigger,) = spec["triggers"]
        assert 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] <= partitions[trigger["metadata"]["topic"]]
        assert trigger["metadata"]["consumerGroup"] == spec["scaleTargetRef"]["name"]


def test_the_alerts_are_those_that_promtool_has_tested() -> None:
    rules = yaml.safe_load((KUBERNETES.parent / "prometheus/alerts.yaml").read_text(encoding="utf-8"))
    (ours,) = (each["spec"] for each in manifests("production") if key(each) == "PrometheusRule/rafid")

    assert ours == rules


def test_a_worker_is_asked_for_its_health_on_the_port_that_it_opens() -> None:
    asked = {
        name: {container[probe]["httpGet"]["port"] for probe in ("startupProbe", "readinessProbe", "livenessProbe")}
        for name, template in workloads("production")
        for container in template["spec"]["containers"]
        if container["args"][0] == "worker" or container["args"] in (["dashboards", "dead-letters"], FEEDS)
    }

    assert len(asked) == 5
    assert set().union(*asked.values()) == {"metrics"}


def test_every_process_that_runs_on_shows_its_metrics_to_prometheus() -> None:
    running = {name: template for name, template in workloads("production") if "Job/" not in name}
    (allowed,) = (m["spec"]["podSelector"] for m in manifests("production") if key(m) == "NetworkPolicy/rafid-metrics")
    for template in running.values():
        ports = {port["name"]: port["containerPort"] for port in template["spec"]["containers"][0]["ports"]}
        assert ports["metrics"] == 9400
    components = {each["metadata"]["labels"]["app.kubernetes.io/component"] for each in running.values()}
    assert components == set(allowed["matchExpressions"][0]["values"])
    assert components >= {"feeds", "push", "console"}
