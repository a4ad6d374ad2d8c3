"""The OpenAPI 3.1 document of the push server, its schemas from the types of what is sent. Pure."""

from __future__ import annotations

import functools
from typing import Annotated, Any

import msgspec
from msgspec import Meta


class PushedPage(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A page. Other fields are kept, and the names of schema.org, feedparser and common crawlers are known too."""

    text: Annotated[str, Meta(min_length=1, description="The page's text, or its markup.")]
    url: str | None = None
    title: str | None = None
    source: Annotated[str | None, Meta(description="Taken only when the token speaks for no source.")] = None
    published_at: str | None = None
    modified_at: str | None = None
    fetched_at: str | None = None
    author: str | None = None
    section: str | None = None
    tags: list[str] = []
    language: str | None = None


class Result(msgspec.Struct, kw_only=True):
    """What became of one page: its id once Kafka has it, or why it was refused."""

    id: str | None = None
    reason: str | None = None
    error: str | None = None


class Results(msgspec.Struct, kw_only=True):
    """One result a page, in the order of the request."""

    accepted: int
    refused: int
    results: list[Result]


class AskedUrls(msgspec.Struct):
    """Addresses of pages to be fetched."""

    urls: list[str]


class UrlResult(msgspec.Struct, kw_only=True):
    """The canonical address that was noted, or why none was."""

    url: str | None = None
    reason: str | None = None
    error: str | None = None


class UrlResults(msgspec.Struct, kw_only=True):
    """One result an address, in the order of the request."""

    accepted: int
    refused: int
    results: list[UrlResult]


class ProblemAnswer(msgspec.Struct):
    """Why a request was not taken."""

    error: str


_TYPES = (PushedPage, Results, AskedUrls, UrlResults, ProblemAnswer)
_PROBLEMS = {
    "400": "The body cannot be read.",
    "401": "No valid token.",
    "408": "The body came too slowly.",
    "413": "The body is too long.",
    "415": "The body is compressed in another way than gzip.",
    "429": "Too many pages a second; see Retry-After.",
    "501": "This server takes no addresses.",
    "503": "Kafka is slow or away; see Retry-After.",
}


@functools.cache
def document() -> dict[str, Any]:
    """Returns the document; the same object each time."""
    _, schemas = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    page, pages = _ref("PushedPage"), {"type": "array", "items": _ref("PushedPage")}
    lines = {"type": "string", "description": "A page on each line."}
    return {
        "openapi": "3.1.0",
        "info": {"title": "rafid push", "version": "1", "description": "Answers come after Kafka has acknowledged every page."},
        "paths": {
            "/pages": {
                "post": _post(
                    "Send pages",
                    {
                        "application/json": {"schema": {"anyOf": [page, pages]}},
                        "application/x-ndjson": {"schema": lines},
                    },
                    {"200": _answer("What became of each page.", "Results"), "422": _answer("No page was accepted.", "Results")},
                    ("400", "401", "408", "413", "415", "429", "503"),
                )
            },
            "/urls": {
                "post": _post(
                    "Ask for pages to be fetched",
                    {"application/json": {"schema": _ref("AskedUrls")}},
                    {"202": _answer("What was noted.", "UrlResults"), "422": _answer("No address was noted.", "UrlResults")},
                    ("400", "401", "408", "413", "415", "429", "501"),
                )
            },
            "/healthz": {"get": _get("Whether the process lives", {"200": {"description": "It does."}})},
            "/readyz": {
                "get": _get("Whether pages are taken", {"200": {"description": "At once."}, "503": {"description": "Not now."}})
            },
        },
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _answer(description: str, schema: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": _ref(schema)}}}


def _get(summary: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {"summary": summary, "responses": responses}


def _post(summary: str, content: dict[str, Any], responses: dict[str, Any], problems: tuple[str, ...]) -> dict[str, Any]:
    refused = {status: _answer(_PROBLEMS[status], "ProblemAnswer") for status in problems}
    return {
        "summary": summary,
        "security": [{"token": []}],
        "requestBody": {"required": True, "content": content},
        "responses": responses | refused,
    }
