"""The console under many readers, and over a long time."""

from __future__ import annotations

import concurrent.futures
import os
import time
from typing import Any

import httpx
import pytest
from playwright.sync_api import BrowserContext, CDPSession

from tests.integration.deploy.console.conftest import Newsroom
from tests.support.news import pages
from tests.support.servers import send_pages

MINUTES = float(os.environ.get("RAFID_SOAK_MINUTES", "30"))
QUESTIONS = ("محطة تحلية المياه", "القطار السريع", "سعر الفائدة", "كأس السواحل", "عاصفة غبار")
OLDEST_FIGURE_S = 2.0
# What a garbage collection leaves differs by some hundred kilobytes from one to the next.
GROWTH_BYTES = 1_000_000

pytestmark = pytest.mark.soak


@pytest.mark.timeout(900)
def test_fifty_readers_at_once_are_answered_beside_a_running_pipeline(newsroom: Newsroom) -> None:
    """The status says little: the head of a slow page has gone out with 200 before it is known what follows."""

    def read(number: int) -> tuple[str, float]:
        asked, began = {"q": QUESTIONS[number % len(QUESTIONS)], "size": "20"}, time.monotonic()
        answer = httpx.get(newsroom.address, params=asked, headers=newsroom.as_reader, timeout=60)
        said = "stories" if 'class="card"' in answer.text else answer.text.partition("<main")[2][:300]
        return f"{answer.status_code} {said}", time.monotonic() - began

    with concurrent.futures.ThreadPoolExecutor(50) as readers:
        read_by_all = readers.map(read, range(200))
        send_pages(newsroom.kafka, pages(300))
        answers = list(read_by_all)
    times = sorted(took for _, took in answers)
    print(f"50 readers: half within {times[100]:.2f} s, 95 % within {times[190]:.2f} s; load {os.getloadavg()[0]:.0f}")

    assert {said for said, _ in answers} == {"200 stories"}


@pytest.mark.timeout(0)
def test_a_browser_that_watches_the_pipeline_does_not_grow_and_its_figures_are_young(
    newsroom: Newsroom, context: BrowserContext
) -> None:
    page = context.new_page()
    inspector = context.new_cdp_session(page)
    page.goto("/pipeline")
    page.wait_for_timeout(30_000)
    before, ages, ends = held(inspector), list[float](), time.monotonic() + MINUTES * 60
    while time.monotonic() < ends:
        page.wait_for_timeout(5_000)
        ages.append(page.evaluate(AGE_S))
    after = held(inspector)
    print(f"before {before}, after {after}; age of the figures: {max(ages):.1f} s at most, {len(ages)} looks")

    assert after["JSHeapUsedSize"] - before["JSHeapUsedSize"] < GROWTH_BYTES
    assert after["Nodes"] <= before["Nodes"] * 1.5
    assert sorted(ages)[len(ages) * 95 // 100] <= OLDEST_FIGURE_S + 1  # a figure shows whole seconds


AGE_S = """() => {
  const [hours, minutes, seconds] = document.querySelector('[data-live="at"]').textContent.split(":").map(Number);
  return (Date.now() / 1000 % 86400 - (hours * 3600 + minutes * 60 + seconds) + 86400) % 86400;
}"""


def held(inspector: CDPSession) -> dict[str, Any]:
    """What the page holds after a garbage collection: bytes of the heap, nodes of the document, listeners."""
    inspector.send("HeapProfiler.collectGarbage")
    inspector.send("Performance.enable")
    wanted = {"JSHeapUsedSize", "Nodes", "JSEventListeners"}
    metrics = inspector.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in metrics if one["name"] in wanted}
