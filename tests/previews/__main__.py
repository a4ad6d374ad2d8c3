"""Draws the dashboards in both languages into docs/kibana, with the demonstration's data on a stack of its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch
from playwright.sync_api import Browser, Error, sync_playwright

from deploy.kibana.pack import LANGUAGES, SavedObject, saved_objects
from indexing.elastic.settings import ElasticSettings
from streams.connect.local_stack import local_addresses
from tests.previews.page import page
from tests.support.demo import NAME, followed_dead_letters, rafid_demo
from tests.support.panels import Panel, Span, panels, requests
from tests.support.vega import chromium, vega_library

PICTURES = Path(__file__).parents[2] / "docs/kibana"
WIDTH = 1400  # px
# The demonstration's pages are of these days; what stands out does so against the days before.
DAYS = Span(datetime(2026, 11, 15, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC))
TWO_DAYS = Span(datetime(2026, 11, 17, tzinfo=UTC), datetime(2026, 11, 19, tzinfo=UTC))


def span_of(panel: Panel) -> Span:
    """The time to show: what was indexed moments ago for the panels of health, the days of the news for the others."""
    if panel.dashboard.startswith("rafid-health"):
        return Span(datetime.now(UTC) - timedelta(minutes=15), datetime.now(UTC) + timedelta(minutes=1))
    return TWO_DAYS if panel.name == "words" else DAYS


def answered(client: Elasticsearch, objects: list[SavedObject], dashboard: str) -> Iterator[tuple[Panel, Mapping[str, Any]]]:
    """Each panel of a dashboard with its answers."""
    views = {saved["id"]: saved["attributes"] for saved in objects if saved["type"] == "index-pattern"}
    searches = [saved["attributes"] for saved in objects if saved["type"] == "search"]
    for panel in panels(objects):
        if panel.dashboard != dashboard:
            continue
        is_search = panel.kind == "search"
        asked = requests(panel, views, span_of(panel))
        yield (
            panel._replace(content=searches[0]) if is_search else panel,
            {each.data_set: client.search(index=each.target, body=each.body).body for each in asked},
        )


def draw(client: Elasticsearch, folder: Path) -> list[Path]:
    """Draws every dashboard in both languages; returns the pictures. Fails when a browser reports an error."""
    library, made = vega_library().read_text(encoding="utf-8"), []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for language in LANGUAGES:
            objects = saved_objects(language)
            for saved in (each for each in objects if each["type"] == "dashboard"):
                title = saved["attributes"]["title"]
                picture = folder / f"{saved['id'].removeprefix('rafid-').removesuffix(f'-{language}')}-{language}.png"
                shoot(browser, page(title, language, answered(client, objects, saved["id"]), library), picture)
                made.append(picture)
        browser.close()
    return made


def shoot(browser: Browser, content: str, picture: Path) -> None:
    """The picture shows the whole page; an error of its script fails."""
    errors: list[str] = []

    def note(error: Error) -> None:
        errors.append(str(error))

    shown = browser.new_page(viewport={"width": WIDTH, "height": 800})
    shown.on("pageerror", note)
    shown.set_content(content)
    shown.wait_for_function("[...document.querySelectorAll('canvas')].every(each => each.width > 0)")
    shown.screenshot(path=str(picture), full_page=True)
    shown.close()
    assert errors == [], f"{picture.name}: {errors}"


def main() -> None:
    """Starts the demonstration, draws, and ends it."""
    PICTURES.mkdir(exist_ok=True)
    try:
        ended = rafid_demo("--json")
        if ended.returncode:
            sys.exit(ended.stderr)
        followed_dead_letters()
        with ElasticSettings(local_addresses(NAME)["elasticsearch"]).client() as client:
            client.indices.refresh(index="news-*")
            for picture in draw(client, PICTURES):
                print(picture)
    finally:
        rafid_demo("--down")


if __name__ == "__main__":
    main()
