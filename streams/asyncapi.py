"""The records and topics as other programs read them: JSON Schema 2020-12 and an AsyncAPI 3.0 document. Pure.

Both are made from the types that decode the records and from the table of topics, so neither can fall behind them.
"""

from __future__ import annotations

import ast
import inspect
from typing import Any, Final

import msgspec

from streams.dead_letters.envelope import NUMERIC_FIELDS, PREFIX
from streams.records import Article, ArticleHead, DeadLetter, Page, PageMetadata, Record, Verdict
from streams.topics import ARTICLE_COUNT, Topic, group, topics

RECORDS: Final[tuple[type[Record], ...]] = (Page, Article, Verdict, DeadLetter)
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_UNKNOWN: Final = "Fields that are not known here travel on as they are."
_SUMMARIES: Final = {
    Page: "A page as it was collected",
    Article: "One story of a page",
    Verdict: "What dedup decided of an article",
    DeadLetter: "Why a message could not go on",
}
# The headers that travel beside a value, and what they hold.
_NOTICE: Final = {"type": "string", "contentEncoding": "binary", "description": "What dedup judges by; streams/dedup/notice.py"}
_COUNT: Final = {"type": "string", "pattern": "^\\d+$", "description": "How many articles its page has; of a main article"}
_ORIGIN: Final = {"type": "string", "pattern": "^\\d+:\\d+$", "description": "Partition and offset of the page"}


def json_schemas() -> dict[str, Any]:
    """Returns the JSON Schema of each record by its name; none refers to another."""
    _, found = msgspec.json.schema_components(RECORDS)
    return {record.__name__: _as_read(record, found[record.__name__]) for record in RECORDS}


def json_schema(name: str) -> dict[str, Any]:
    """Returns the JSON Schema of the record with this name as a document of its own; raises KeyError for another name."""
    return {"$schema": DIALECT, **json_schemas()[name]}


def document(version: str, namespace: str = "news", broker: str = "localhost:9092") -> dict[str, Any]:
    """Returns the AsyncAPI 3.0 document of the topics in `namespace`; `version` is the project's.

    Raises RafidError for a namespace that Kafka would not take.
    """
    our_topics = topics(namespace)
    channels = {
        "pages": (our_topics.pages, "page"),
        "articles": (our_topics.articles, "article"),
        "deduplicated": (our_topics.deduplicated, "judgedArticle"),
        "deadLetters": (our_topics.dead_letters, "deadLetter"),
    }
    schemas = json_schemas()
    host = {"host": broker, "protocol": "kafka", "description": "TLS and SASL are settings of the client."}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "rafid",
            "version": version,
            "description": "Pages in, stories out.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {"kafka": host},
        "channels": {name: _channel(topic, message) for name, (topic, message) in channels.items()},
        "operations": {
            "producePages": _operation("send", "pages", "Producers send pages."),
            "splitPages": _operation("receive", "pages", f"Group {group('split', namespace)}."),
            "sendArticles": _operation("send", "articles", "The split worker sends the stories of a page."),
            "judgeArticles": _operation("receive", "articles", f"Group {group('dedup', namespace)}."),
            "sendJudged": _operation("send", "deduplicated", "The dedup worker sends each article on, with its verdict."),
            "indexArticles": _operation("receive", "deduplicated", f"Group {group('index', namespace)}."),
            "sendDeadLetters": _operation("send", "deadLetters", "Any stage sends what cannot go on."),
        },
        "components": {"messages": _messages(schemas["DeadLetter"]), "schemas": schemas},
    }


def field_descriptions(record: type[Record]) -> dict[str, str]:
    """Returns the comment beside each field of the record's definition, and of the records that it extends."""
    found: dict[str, str] = {}
    for part in reversed(record.__mro__):
        if part in (PageMetadata, ArticleHead, *RECORDS):
            lines = inspect.getsource(part).splitlines()
            (body,) = ast.parse(inspect.getsource(part)).body
            for field in ast.iter_child_nodes(body):
                if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and field.end_col_offset is not None:
                    comment = lines[(field.end_lineno or 1) - 1].encode()[field.end_col_offset :].decode().partition("# ")[2]
                    found.update({field.target.id: comment} if comment else {})
    return found


def _as_read(record: type[Record], schema: dict[str, Any]) -> dict[str, Any]:
    """Returns the schema as a reader meets the record: unknown fields allowed, patterns of ECMA 262, each field described."""
    described = field_descriptions(record)
    fields = {name: _ecma(field) for name, field in schema["properties"].items() if name != "extra"}
    for name, comment in described.items():
        fields[name] = {**fields[name], "description": comment}
    schema = {**schema, "properties": fields, "additionalProperties": {"description": _UNKNOWN}}
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(schema))  # defaults that are tuples become lists
    return plain


def _ecma(schema: Any) -> Any:
    """Returns the schema with the anchors and flags of Python's patterns written as JSON Schema has them."""
    if isinstance(schema, dict):
        return {
            name: value.replace("(?a)", "").replace(r"\Z", "$") if name == "pattern" else _ecma(value)
            for name, value in schema.items()
        }
    return [_ecma(part) for part in schema] if isinstance(schema, list) else schema


def _messages(letter: dict[str, Any]) -> dict[str, Any]:
    described = {
        f"{PREFIX}{name}": {"type": "string", "description": field.get("description", "")}
        | ({"pattern": "^\\d+$"} if name in NUMERIC_FIELDS else {})
        for name, field in letter["properties"].items()
        if name != "v"
    }
    verdict = {"$ref": "#/components/schemas/Verdict"}
    return {
        "page": _message(Page),
        "article": _message(Article, {"notice": _NOTICE, ARTICLE_COUNT: _COUNT}),
        "judgedArticle": _message(Article, {"verdict": verdict, "origin": _ORIGIN}),
        "deadLetter": {
            "name": "DeadLetter",
            "summary": "The message that failed, as it was, with the reason in headers",
            "contentType": "application/octet-stream",
            "headers": {"type": "object", "properties": described},
            "payload": {"type": "string", "contentEncoding": "binary", "description": "The first MiB at most"},
        },
    }


def _message(record: type[Record], headers: dict[str, Any] | None = None) -> dict[str, Any]:
    key = {"type": "string", "contentEncoding": "binary", "minLength": 16, "maxLength": 16}
    message = {
        "name": record.__name__,
        "summary": _SUMMARIES[record],
        "payload": {"$ref": f"#/components/schemas/{record.__name__}"},
        "bindings": {"kafka": {"key": {**key, "description": "The id of the page or article as 16 raw bytes"}}},
    }
    required = [name for name in headers or () if name != ARTICLE_COUNT]
    return message | ({"headers": {"type": "object", "properties": headers, "required": required}} if headers else {})


def _channel(topic: Topic, message: str) -> dict[str, Any]:
    config: dict[str, Any] = {name: int(value) for name, value in topic.config.items() if value.isdecimal()}
    return {
        "address": topic.name,
        "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        "bindings": {"kafka": {"partitions": topic.partitions, "topicConfiguration": config}},
    }


def _operation(action: str, channel: str, summary: str) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{channel}"}, "summary": summary}
