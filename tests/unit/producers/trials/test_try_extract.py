"""`rafid try extract`: a line of JSON a page, plain lines for a person, one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

import rafid
from tests.support.pages.rendering import article_pages, other_pages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    article, other = next(article_pages()), next(other_pages())
    (tmp_path / "b.html").write_bytes(article.data)
    (tmp_path / "a.htm").write_bytes(other.data)
    (tmp_path / "notes.txt").write_text("no page")
    return tmp_path


def test_a_folder_gives_a_line_for_each_page_in_the_order_of_names(folder: Path) -> None:
    told = CliRunner().invoke(rafid.cli, ["try", "extract", str(folder), "--json"])

    refused, page = map(json.loads, told.stdout.splitlines())
    assert refused["id"] == "a.htm"
    assert refused["refused"].startswith("listing: ")
    right = next(article_pages())
    assert (page["id"], page["title"], page["published_at"], page["url"]) == (
        "b.html",
        right.title,
        right.published_at,
        right.url,
    )
    assert all(page["text"][start:end] for start, end, _ in page["links"])


def test_a_page_is_shown_in_plain_lines_off_a_terminal(folder: Path) -> None:
    told = CliRunner().invoke(rafid.cli, ["try", "extract", str(folder / "b.html")])

    assert next(article_pages()).title in told.stdout.splitlines()


def test_a_folder_without_pages_is_an_error_of_one_line(tmp_path: Path) -> None:
    told = CliRunner().invoke(rafid.cli, ["try", "extract", str(tmp_path)])

    assert told.exit_code == 1
    assert "no page in it" in str(told.exception)


def test_an_address_of_the_own_network_is_not_fetched() -> None:
    told = CliRunner().invoke(rafid.cli, ["try", "extract", "http://127.0.0.1:9/x"])

    assert told.exit_code == 1
    assert "127.0.0.1" in str(told.exception)
