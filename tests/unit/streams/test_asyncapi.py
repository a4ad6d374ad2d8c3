"""What other programs read of our records and topics agrees with what we read and write."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import rafid
from streams import asyncapi
from streams.records import MalformedRecord, Record, Verdict, field_names
from streams.topics import topics
from tests.support import strategies

READERS = {name: Draft202012Validator(schema) for name, schema in asyncapi.json_schemas().items()}
VERDICT: dict[str, Any] = {
    "kind": "new",
    "doc_id": "0123456789abcdef0123456789abcdef",
    "story_id": "0123456789abcdef0123456789abcdef",
    "version": 1,
    "month": "2026-11",
    "first_seen": "2026-11-22T18:25:43Z",
}


@given(st.one_of(strategies.pages, strategies.articles, strategies.verdicts, strategies.dead_letters))
def test_every_record_that_we_write_is_valid_under_its_schema(record: Record) -> None:
    assert list(READERS[type(record).__name__].iter_errors(orjson.loads(record.to_bytes()))) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "repost"),
        ("month", "2026-13"),
        ("first_seen", "2026-02-30T00:00:00Z"),
        ("jaccard", 1.5),
        ("doc_id", "0" * 31),
        ("version", -1),
    ],
)
def test_a_value_that_we_refuse_is_refused_by_the_schema(field: str, value: object) -> None:
    spoilt = VERDICT | {field: value}

    with pytest.raises(MalformedRecord):
        Verdict.from_dict(spoilt)
    assert [error.path[0] for error in READERS["Verdict"].iter_errors(spoilt)] == [field]


@pytest.mark.parametrize("record", asyncapi.RECORDS, ids=lambda record: record.__name__)
def test_every_field_of_a_record_is_described(record: type[Record]) -> None:
    properties = asyncapi.json_schemas()[record.__name__]["properties"]

    assert [name for name in field_names(record) if not properties[name].get("description")] == []


def test_the_document_has_the_topics_that_provisioning_makes() -> None:
    channels = asyncapi.document("1", "sport")["channels"].values()

    described = {channel["address"]: channel["bindings"]["kafka"]["partitions"] for channel in channels}
    made = {topic.name: topic.partitions for topic in topics("sport").all() if topic != topics("sport").register_changelog}
    assert described == made


def test_the_command_prints_one_record_or_all_topics() -> None:
    one = orjson.loads(CliRunner().invoke(rafid.cli, ["schema", "verdict"]).output)
    all_topics = orjson.loads(CliRunner().invoke(rafid.cli, ["schema", "--namespace", "sport"]).output)

    assert (one["title"], one["required"]) == ("Verdict", ["kind", "doc_id", "story_id", "version", "month", "first_seen"])
    assert all_topics["channels"]["pages"]["address"] == "sport.pages"
