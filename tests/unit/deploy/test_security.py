"""The table of rights names only what there is, and certificates and secrets are for their owner's eyes."""

from __future__ import annotations

import datetime
from pathlib import Path

from cryptography import x509

import rafid
from deploy.security.certificates import Authority
from deploy.security.rights import Acl, principals
from streams.topics import topics


def test_a_worker_may_read_the_topic_before_it_and_write_the_one_behind_it() -> None:
    assert principals()["split"].acls == {
        Acl("topic", "news.pages", "Read"),
        Acl("topic", "news.articles", "Write"),
        Acl("topic", "news.dead-letters", "Write"),
        Acl("group", "rafid-split", "Read"),
    }


def test_a_namespace_has_users_topics_groups_and_indices_of_its_own() -> None:
    index = principals("sport")["index"]

    assert index.user == "rafid-sport-index"
    assert {acl.name for acl in index.acls} == {"sport.deduplicated", "sport.dead-letters", "rafid-sport-index"}
    assert index.role is not None
    assert index.role["indices"][0]["names"] == ["sport-g*"]


def test_no_process_may_delete_a_topic_or_read_another_s_group() -> None:
    every = [acl for principal in principals().values() for acl in principal.acls]

    assert {acl.operation for acl in every} <= {"Read", "Write", "Create", "Describe", "DescribeConfigs", "AlterConfigs"}
    readers = [acl.name for acl in every if acl.kind == "group" and acl.operation == "Read"]
    assert len(readers) == len(set(readers))


def test_every_topic_has_a_writer_and_a_reader() -> None:
    every = {acl for principal in principals().values() for acl in principal.acls}

    for topic in topics().all():
        assert {Acl("topic", topic.name, "Read"), Acl("topic", topic.name, "Write")} <= every


def test_every_principal_is_for_commands_that_there_are() -> None:
    known = {" ".join(words) for words, _ in rafid.leaves(rafid.cli)}

    for principal in principals().values():
        for command in principal.does.split(", "):
            name = command.removeprefix("rafid ")
            assert any(each == name or each.startswith(f"{name} ") for each in known), command


def test_a_certificate_names_its_owner_and_hosts_and_its_key_is_the_owner_s_alone(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "ca")
    pair = authority.certificate("rafid-split", "localhost", "127.0.0.1")
    found = x509.load_pem_x509_certificate(pair.certificate.read_bytes())

    assert "CN=rafid-split" in found.subject.rfc4514_string()
    assert found.issuer == x509.load_pem_x509_certificate(authority.ca_file.read_bytes()).subject
    assert pair.key.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert {file.stat().st_mode & 0o077 for file in authority.directory.iterdir()} == {0}


def test_an_authority_that_is_there_signs_on(tmp_path: Path) -> None:
    first = Authority(tmp_path).ca_file.read_bytes()
    pair = Authority(tmp_path).certificate("rafid-index")

    assert Authority(tmp_path).ca_file.read_bytes() == first
    assert Authority(tmp_path).certificate("rafid-index") == pair


def test_a_certificate_of_negative_days_has_expired(tmp_path: Path) -> None:
    pair = Authority(tmp_path).certificate("old", days=-1)

    until = x509.load_pem_x509_certificate(pair.certificate.read_bytes()).not_valid_after_utc
    assert until < datetime.datetime.now(datetime.UTC)
