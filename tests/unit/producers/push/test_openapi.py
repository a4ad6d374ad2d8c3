"""The document of the push server is OpenAPI 3.1."""

from __future__ import annotations

from openapi_spec_validator import validate

from producers.push.openapi import document


def test_the_document_is_valid() -> None:
    validate(document())
