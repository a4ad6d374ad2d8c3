"""The console as its readers meet it: a real browser, real servers, pages that were split, judged and indexed."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
from playwright.sync_api import Browser, Dialog, Page, Response, expect

from streams.dead_letters.envelope import Reason, dead_letter
from streams.identity import page_id
from streams.records import Page as NewsPage
from streams.topics import topics
from tests.integration.deploy.console.conftest import Newsroom
from tests.support import browser as browsers
from tests.support.servers import read_all, send, send_pages, wait_until

WITH_CREDIT = "https://madar-agency.example/2026/11/18/water-4417"
LANGUAGES = (("ar", "light", "rtl"), ("en", "dark", "ltr"))


def every_path(newsroom: Newsroom) -> list[str]:
    story = newsroom.story("محطة تحلية المياه في ميناء الياسمين")["id"]
    tellings = newsroom.get(f"api/stories/{story}")["sightings"]
    other = next(one["id"] for one in tellings if one["id"] != story)
    gold = newsroom.story("أسعار الذهب اليوم الأربعاء")["id"]
    letter = newsroom.get("api/dead-letters")["letters"][0]["id"]
    searches = ("/", "/?q=%D9%85%D8%AD%D8%B7%D8%A9&section=%D8%A7%D9%82%D8%AA%D8%B5%D8%A7%D8%AF", "/?q=zzzz", "/nothing-here")
    stories = (f"/story/{story}", f"/story/{gold}", f"/compare/{story}/{other}")
    rest = ("/trends?period=30d", "/sources", "/pipeline", "/dead-letters", f"/dead-letters/{letter}", "/login")
    return [*searches, *stories, *rest]


def faults(page: Page) -> Iterator[tuple[str, str, str]]:
    """What axe finds serious or critical."""
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    for one in found:
        if one["impact"] in ("serious", "critical"):
            yield page.url, one["id"], one["nodes"][0]["html"]


def test_every_page_is_accessible_fits_a_phone_and_comes_from_here_in_both_languages(
    newsroom: Newsroom, chromium: Browser
) -> None:
    script, sizes = browsers.axe(), dict[str, int]()
    serious, wide, foreign = list[Any](), list[Any](), list[str]()
    for language, theme, direction in LANGUAGES:
        context = chromium.new_context(base_url=newsroom.address, extra_http_headers=newsroom.as_reader, bypass_csp=True)
        for name, value in (("language", language), ("theme", theme)):
            context.add_cookies([{"name": f"rafid_{name}", "value": value, "url": newsroom.address}])
        page, answers = context.new_page(), list[Response]()
        page.on("response", functools.partial(list[Response].append, answers))
        for path in every_path(newsroom):
            answers.clear()
            page.set_viewport_size({"width": 1280, "height": 740})
            page.goto(path)
            assert page.locator("html").get_attribute("dir") == direction
            foreign += [answer.url for answer in answers if not answer.url.startswith(newsroom.address)]
            plain = [answer for answer in answers if "/fonts/" not in answer.url and not answer.url.endswith("/live")]
            sizes[path] = sum(len(answer.body()) for answer in plain)
            page.add_script_tag(content=script)
            serious += faults(page)
            page.set_viewport_size({"width": 360, "height": 740})
            if page.evaluate("document.documentElement.scrollWidth") > 360:
                wide.append((language, path))
        context.close()

    assert serious == []
    assert wide == []
    assert foreign == []
    assert max(sizes.values()) < 200_000


def test_a_reader_finds_and_reads_a_story_with_the_keyboard_alone(page: Page) -> None:
    page.goto("/")
    page.locator("body").press("/")
    page.keyboard.type("محطة تح")
    expect(page.locator("#completions [role=option]").first).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=*")
    assert "order=" not in page.url
    page.locator("h1").first.evaluate("document.activeElement.blur()")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    page.wait_for_url("**/story/*")
    expect(page.locator("h1")).to_contain_text("ميناء الياسمين")
    expect(page.locator(".timeline .event")).to_have_count(6)


def test_what_the_splitter_took_out_stands_at_its_place(newsroom: Newsroom, page: Page) -> None:
    story = newsroom.story("محطة تحلية المياه في ميناء الياسمين")["id"]
    (whole,) = [one["id"] for one in newsroom.get(f"api/stories/{story}")["sightings"] if one["url"] == WITH_CREDIT]
    page.goto(f"/story/{whole}")
    expect(page.locator(".cut-source_credit")).to_contain_text("إعداد سناء القطان")
    page.locator("#show-removed").uncheck()

    expect(page.locator(".cut-source_credit")).to_be_hidden()


def test_completion_leads_to_the_story_and_dragging_over_the_bars_to_a_time(page: Page) -> None:
    page.goto("/")
    page.locator("#q").press_sequentially("روايه ناف")
    expect(page.locator("#completions [role=option]").first).to_contain_text("على الملح")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/story/*")

    page.goto("/")
    box = page.locator("#histogram svg").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 3, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 3, box["y"] + 20)
    page.mouse.up()
    page.wait_for_url("**since=2026-*until=2026-*")
    expect(page.locator(".chips li")).to_have_count(3)


def test_everything_is_read_without_a_script(newsroom: Newsroom, chromium: Browser) -> None:
    context = chromium.new_context(base_url=newsroom.address, extra_http_headers=newsroom.as_reader, java_script_enabled=False)
    page = context.new_page()
    page.goto("/")
    page.fill("#q", "القطار السريع")
    page.click("button.primary")
    page.locator(".headline a").first.click()
    page.get_by_role("link", name="قارن بهذه القصة").first.click()

    assert page.locator("h1").inner_text() == "مقارنة كلمة بكلمة"
    assert page.locator("ins, del, .notice").count() > 0
    context.close()


def test_a_title_that_is_a_script_is_a_title(newsroom: Newsroom, page: Page) -> None:
    alerts: list[str] = []

    def dismissed(dialog: Dialog) -> None:
        alerts.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismissed)
    hostile = newsroom.story("استدراجية")["id"]
    for path in ("/?q=استدراجية", "/sources", "/dead-letters", f"/compare/{hostile}/{hostile}", f"/story/{hostile}"):
        page.goto(path)
        assert page.title() != "owned"
        assert page.locator("main script, main img, main i, main b").count() == 0

    expect(page.locator("h1")).to_contain_text("<script>")
    assert alerts == []


def test_a_page_sent_now_is_seen_flowing(newsroom: Newsroom, page: Page) -> None:
    page.goto("/pipeline")
    figure = page.locator('[data-live="pages-messages"]')
    before = int(figure.inner_text().replace(",", ""))
    send_pages(newsroom.kafka, [news_page("https://flow.example/1", "تصل الآن", "نص جديد يصل الآن إلى المسار")])

    expect(figure).to_have_text(str(before + 1), timeout=30_000)
    expect(page.locator('[data-live="deduplicated-lag"]')).to_have_text("0", timeout=30_000)


def test_an_operator_sends_a_letter_again_and_its_page_is_found(newsroom: Newsroom, chromium: Browser) -> None:
    lost = news_page("https://lost.example/1", "جسر الزعفران يفتتح ليلاً", "افتتح جسر الزعفران ليلاً أمام المشاة والدراجات.")
    letter = put_letter(newsroom, lost)
    assert newsroom.get("api/search", q="جسر الزعفران")["stories"] == []
    forged = f"{newsroom.address}dead-letters/{letter}/replay"
    assert httpx.post(forged, data={"confirmed": "yes"}, headers=newsroom.as_reader).status_code == 403

    context = chromium.new_context(base_url=newsroom.address)
    page = context.new_page()
    page.goto(f"/dead-letters/{letter}")
    page.fill("input[name=token]", newsroom.operator_token)
    page.click("button.primary")
    page.wait_for_url(f"**/dead-letters/{letter}")
    sent_before = pages_sent(newsroom)
    page.get_by_role("button", name="جرّب دون إرسال").click()
    expect(page.locator("[role=status]")).to_contain_text("ستعود 1 إلى")
    assert pages_sent(newsroom) == sent_before
    page.get_by_role("button", name="نعم، أعد الإرسال الآن").click()
    expect(page.locator("[role=status]")).to_contain_text("عادت 1 إلى")
    assert pages_sent(newsroom) == sent_before + 1

    def found() -> bool:
        page.goto("/?q=جسر الزعفران")
        return page.locator(".headline", has_text="جسر الزعفران").count() == 1

    wait_until(found, "the page that was sent again is found")
    page.get_by_role("button", name="خروج").click()
    page.wait_for_url("**/login")
    context.close()


def test_the_result_is_a_table_that_a_spreadsheet_cannot_be_fooled_by(newsroom: Newsroom) -> None:
    table = httpx.get(f"{newsroom.address}export.csv", params={"q": "محطة"}, headers=newsroom.as_reader).content.decode(
        "utf-8-sig"
    )
    rows = list(csv.DictReader(io.StringIO(table)))

    assert any("ميناء الياسمين" in row["title"] for row in rows)
    assert [value for row in rows for value in row.values() if value.startswith(("=", "+", "-", "@"))] == []


def test_nothing_found_says_why(newsroom: Newsroom) -> None:
    def advice(**asked: str) -> dict[str, Any]:
        found: dict[str, Any] = newsroom.get("api/search", **asked)["advice"]
        return found

    assert advice(q="محطة تحلية", since="2026-11-27")["without"] == "filters"
    assert advice(q='"تحلية ميناء المياه"')["without"] == "phrases"


def test_a_misspelt_word_is_asked_back_with_a_link(newsroom: Newsroom) -> None:
    assert newsroom.get("api/search", q="الياسمسن")["did_you_mean"] == "الياسمين"

    page = httpx.get(newsroom.address, params={"q": "الياسمسن"}, headers=newsroom.as_reader).text

    assert re.search(r'هل تقصد: <a href="/\?q=[^"]+"><bdi>الياسمين</bdi></a>', page)


def news_page(url: str, title: str, text: str) -> NewsPage:
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return NewsPage(
        id=page_id(url, "lost.example", title, text), source="lost.example", url=url, title=title, text=text, fetched_at=now
    )


def put_letter(newsroom: Newsroom, page: NewsPage) -> str:
    """The id of a dead letter that a worker left when it failed on this page; what ailed it is mended since."""
    called = topics(newsroom.kafka.namespace)
    letter = dead_letter(
        stage="split",
        reason=Reason.SPLITTER_FAILURE,
        error="ValueError: mended since",
        failed_at="2026-11-22T10:00:00Z",
        key=bytes.fromhex(page.id),
        value=page.to_bytes(),
        topic=called.pages.name,
        partition=0,
        offset=0,
    )
    send(newsroom.kafka, called.dead_letters.name, [(letter.key, letter.value, dict(letter.headers))])
    (found,) = newsroom.get("api/dead-letters", reason="splitter_failure")["letters"]
    return str(found["id"])


def pages_sent(newsroom: Newsroom) -> int:
    return len(read_all(newsroom.kafka, topics(newsroom.kafka.namespace).pages.name))
