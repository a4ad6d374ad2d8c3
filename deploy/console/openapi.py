"""The OpenAPI document of the read API, made from the answers' types. Pure."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from deploy.console.reads.address import LISTS, LONGEST_TEXT, ORDERS, PERIODS, SIZES
from deploy.console.reads.answers import (
    Comparison,
    Completion,
    Problem,
    SearchPage,
    Sources,
    Story,
    Telling,
    Trends,
)
from deploy.console.reads.pipeline_answers import AuditAnswer, Flow, Letter, Letters, Replay

_Q: Final = {"name": "q", "in": "query", "schema": {"type": "string", "maxLength": LONGEST_TEXT}}
_SEARCHED: Final = [
    _Q,
    *({"name": name, "in": "query", "schema": {"type": "array", "items": {"type": "string"}}} for name in LISTS),
    *({"name": name, "in": "query", "schema": {"type": "string"}} for name in ("since", "until", "after")),
    {"name": "order", "in": "query", "schema": {"enum": list(ORDERS)}},
    {"name": "size", "in": "query", "schema": {"enum": list(SIZES)}},
]
# path -> what it answers, its type, its parameters in the query
ANSWERS: Final[dict[str, tuple[str, Any, list[Any]]]] = {
    "/api/search": ("A page of stories; the newest without words", SearchPage, _SEARCHED),
    "/api/complete": ("Titles that complete what is typed", list[Completion], [_Q]),
    "/api/stories/{id}": ("A story as one document tells it", Telling, []),
    "/api/compare/{first}/{second}": ("Two tellings word by word", Comparison, []),
    "/api/trends": (
        "Words that stand out in a period against another",
        Trends,
        [
            {"name": "period", "in": "query", "schema": {"enum": list(PERIODS)}},
            *({"name": name, "in": "query", "schema": {"type": "string", "format": "date"}} for name in ("until", "against")),
            *(
                {"name": name, "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}
                for name in ("source", "country")
            ),
        ],
    ),
    "/api/sources": ("Every source, judged by its own past", Sources, []),
    "/api/audit": ("What the last audit said; null when none was kept", AuditAnswer | None, []),
    "/api/flow": ("The pipeline at this moment", Flow, []),
    "/api/dead-letters": (
        "The newest dead letters",
        Letters,
        [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("stage", "reason")],
    ),
    "/api/dead-letters/{id}": ("One dead letter, whole", Letter, []),
    "/export.json": ("The first 500 stories of a search", list[Story], _SEARCHED),
}


def document(version: str) -> dict[str, Any]:
    """Returns the OpenAPI 3.1 document; every schema is the one that the answers are encoded from."""
    types = [*(answer for _, answer, _ in ANSWERS.values()), Problem, Replay]
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    problem = {"description": "No answer, and why", "content": {"application/json": {"schema": schemas[-2]}}}
    described = {
        "openapi": "3.1.0",
        "info": {"title": "rafid console", "version": version},
        "components": {"schemas": components, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{}, {"token": []}],
        "paths": {
            path: {"get": _operation(summary, schema, parameters, path, problem)}
            for (path, (summary, _, parameters)), schema in zip(ANSWERS.items(), schemas, strict=False)
        },
    }
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(described))  # defaults that are tuples become lists
    return plain


def _operation(summary: str, schema: Any, parameters: list[Any], path: str, problem: Any) -> dict[str, Any]:
    in_path = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    return {
        "summary": summary,
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in in_path),
            *parameters,
        ],
        "responses": {
            "200": {"description": "The answer", "content": {"application/json": {"schema": schema}}},
            "default": problem,
        },
    }
