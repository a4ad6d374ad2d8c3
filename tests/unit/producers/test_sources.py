"""A sources file: read as it is meant, and each mistake with its line."""

from __future__ import annotations

import pytest

from producers.sources import EXAMPLE, parse_sources, written

HEAD = "contact = 'https://x.example/'\n\n[[source]]\nname = 'a'\n"


def mistakes(text: str) -> list[tuple[int, str]]:
    sources, found = parse_sources(text)
    assert (sources is None) == bool(found)
    return [(mistake.line, mistake.what) for mistake in found]


def test_the_example_is_a_sources_file() -> None:
    sources, found = parse_sources(EXAMPLE)

    assert found == []
    assert sources is not None
    assert [source.name for source in sources.sources] == ["madar"]
    assert sources.sources[0].timezone == "Africa/Cairo"


def test_every_setting_of_the_example_can_be_set() -> None:
    lines = [line[2:] if line.startswith("# ") and " = " in line else line for line in EXAMPLE.splitlines()]

    assert mistakes("\n".join(lines)) == []


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("feed = ['https://a.example/rss']", "'feed' is no setting"),
        ("feeds = 'https://a.example/rss'", "feeds: a list of http or https URLs"),
        ("feeds = ['ftp://a.example/rss']", "feeds: a list of http or https URLs"),
        ("feeds = ['https://me:word@a.example/rss']", "feeds: a list of http or https URLs, a login in none of them"),
        ("feeds = ['https://a.example/1', 'https://a.example/1']", "is listed twice"),
        ("timezone = 'Cairo'", "timezone: a time zone like"),
        ("country = 'Egypt'", "country: a country of two capitals"),
        ("min_interval_s = -1", "min_interval_s: seconds above 0"),
        ("min_interval_s = 99999", "min_interval_s 99999 is above max_interval_s 21600"),
        ("full_text = 'yes'", "full_text: true or false"),
        ("ignore_robots = true", "ignore_robots: the reason"),
        ("split_rules = 'a.toml'", "split_rules: the splitter reads rules"),
        ("headers = { 'X y' = 'z' }", "headers: a table"),
        ("selectors = { body = '//div[' }", "selectors: body: '//div[' is no XPath"),
        ("selectors = { body = 'story(//p)' }", "selectors: body: 'story(//p)' is no XPath"),
        ("selectors = { remove = 'count(//p)' }", "selectors: remove: 'count(//p)' names no elements"),
        ("selectors = { text = '//p' }", "selectors: Object contains unknown field `text`"),
    ],
)
def test_a_mistake_has_its_line(line: str, what: str) -> None:
    text = HEAD + line + ("" if line.startswith("feeds") else "\nfeeds = ['https://a.example/rss']")

    found = mistakes(text)

    assert [number for number, _ in found] == [5]
    assert all(what in said for _, said in found)


def test_all_mistakes_are_named_at_once() -> None:
    found = mistakes("[[source]]\nname = 'a'\n[[source]]\nname = 'a'\nfeeds = ['https://a.example/rss']\nx = 1\n")

    assert [line for line, _ in found] == [1, 1, 4, 6]


def test_what_is_no_toml_has_its_line() -> None:
    assert mistakes("contact = 'x'\n[[source]\n")[0][0] == 2


def test_a_file_written_for_feeds_has_a_source_a_host_and_each_feed_once() -> None:
    urls = ["https://www.b.example/1", "https://a.example/أخبار", "https://b.example/2", "https://www.b.example/1"]

    sources, found = parse_sources(written("mailto:desk@x.example", urls))

    assert found == []
    assert sources is not None
    assert {source.name: source.feeds for source in sources.sources} == {
        "a.example": ("https://a.example/أخبار",),
        "b.example": ("https://www.b.example/1", "https://b.example/2"),
    }
