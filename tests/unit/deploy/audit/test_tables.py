"""What an audit keeps on disk comes back as it was."""

from __future__ import annotations

from pathlib import Path

from deploy.audit.law import Document
from deploy.audit.tables import add_document, document_rows, documents_of


def test_a_document_of_a_year_comes_back_beside_one_of_a_month(tmp_path: Path) -> None:
    found = [Document(b"\x07" * 16, 1, 0, "2013"), Document(b"\x07" * 15 + b"\x08", 2, 1, "2026-11")]
    rows = document_rows(tmp_path)
    for document in found:
        add_document(rows, document)

    assert list(documents_of(rows, 7)) == found
