"""`rafid sources ...`: whom to follow, checked before it is followed, and how that goes."""

from __future__ import annotations

import asyncio
import functools
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from producers.feeds.commands import allow_option
from producers.sources import EXAMPLE, Source, Sources, parse_sources, written
from streams.errors import RafidError

if TYPE_CHECKING:
    from producers.feeds.listing import Listing
    from producers.fetch.client import Client

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
json_option = click.option("--json", "as_json", envvar="RAFID_JSON", is_flag=True, help="Print JSON.")


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), default="sources.toml")
@click.option("--feed", "feeds", envvar="RAFID_FEED", multiple=True, metavar="URL", help="A feed to follow; may be repeated.")
@click.option("--contact", envvar="RAFID_CONTACT", metavar="URL", help="What requests name, so that a site can reach you.")
def init(file: Path, feeds: tuple[str, ...], contact: str | None) -> None:
    """Write an example to FILE (sources.toml), every setting explained; an existing file is left alone.

    With --feed it holds these feeds, a source for each host.
    """
    if feeds and not contact:
        raise click.UsageError("--feed needs --contact: sites are told whom to ask")
    text = written(contact or "", feeds) if feeds else EXAMPLE
    if mistakes := parse_sources(text)[1]:
        raise RafidError("; ".join(mistake.what for mistake in mistakes))
    try:
        with file.open("x", encoding="utf-8") as out:
            out.write(text)
    except FileExistsError:
        raise RafidError(f"{file} exists: it is left as it is") from None
    except OSError as exc:
        raise RafidError(f"{file}: {exc.strerror}") from None
    done = f"then `rafid produce feeds {file}`" if feeds else f"fill in whom to follow, then `rafid sources check {file} --fetch`"
    click.echo(f"{file}: {done}")


@click.command()
@click.argument("file", type=_file)
@click.option("--fetch", envvar="RAFID_FETCH", is_flag=True, help="Fetch each feed and sitemap twice and say what it is like.")
@allow_option
@json_option
@click.pass_context
def check(context: click.Context, *, file: Path, fetch: bool, allowed: frozenset[Any], as_json: bool) -> None:
    """Check a sources file: one line a mistake, with its line number. Exits with 1 when there is any."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise RafidError(f"{file}: {exc}") from None
    sources, mistakes = parse_sources(text)
    found = asyncio.run(_looked_at(sources, allowed)) if sources and fetch else []
    if as_json:
        click.echo(json.dumps({"mistakes": [mistake._asdict() for mistake in mistakes], "feeds": found}, ensure_ascii=False))
    for mistake in mistakes if not as_json else []:
        click.echo(f"{file}, {mistake}")
    for feed in found if not as_json else []:
        click.echo(f"{feed['source']}: {feed['feed']}: {feed['says']}")
    if sources and not found and not as_json:
        feeds, sitemaps = (sum(len(getattr(s, kind)) for s in sources.sources) for kind in ("feeds", "sitemaps"))
        click.echo(f"{file}: {len(sources.sources)} sources, {feeds} feeds, {sitemaps} sitemaps, no mistake")
    if mistakes or any(not feed["is_good"] for feed in found):
        context.exit(1)


async def _looked_at(sources: Sources, allowed: frozenset[Any]) -> list[dict[str, Any]]:
    from producers.fetch.client import Client  # noqa: PLC0415

    async with Client(f"rafid/0.1 (+{sources.contact})", allowed=allowed) as client:
        return [
            await _look_at(client, source, url, is_sitemap=is_sitemap)
            for source in sources.sources
            for is_sitemap, urls in ((False, source.feeds), (True, source.sitemaps))
            for url in urls
        ]


async def _look_at(client: Client, source: Source, url: str, *, is_sitemap: bool) -> dict[str, Any]:
    """Fetches a feed or a sitemap, then again with what it gave for asking whether it has changed."""
    from producers.feeds.cleaning import NotAFeed  # noqa: PLC0415
    from producers.feeds.listing import listing_of_feed, listing_of_sitemap  # noqa: PLC0415
    from producers.feeds.poll import SITEMAP_LIMITS  # noqa: PLC0415
    from producers.fetch.failures import FetchFailed  # noqa: PLC0415
    from producers.fetch.fetcher import Fetcher  # noqa: PLC0415
    from producers.fetch.waiting import Hosts  # noqa: PLC0415

    fetcher = Fetcher(client, Hosts(delay_s=source.delay_s, concurrency=1), agent="rafid")
    fetch = functools.partial(
        fetcher.fetch, url, ignores_robots=bool(source.ignore_robots), limits=SITEMAP_LIMITS if is_sitemap else None
    )
    read = listing_of_sitemap if is_sitemap else listing_of_feed
    seen = {"source": source.name, "feed": url}
    try:
        answer = await fetch(headers=source.headers)
        listed = read(answer.body, answer.final_url, answer.headers.get("content-type", ""), source.name, source.timezone)
        asked = {"If-None-Match": answer.headers.get("etag"), "If-Modified-Since": answer.headers.get("last-modified")}
        conditions = {name: value for name, value in asked.items() if value}
        again = await fetch(headers=source.headers | conditions) if conditions else None
    except (FetchFailed, NotAFeed) as exc:
        return seen | {"is_good": False, "says": str(exc)}
    honoured = "no validators" if again is None else "validators honoured" if again.status == 304 else "validators not honoured"
    first = listed.stories[0].item.title if listed.stories else None
    return seen | {
        "is_good": bool(listed.stories or listed.children),
        "says": f"{_described(listed)}, {honoured}",
        "first": first,
    }


def _described(listed: Listing) -> str:
    newest = next((time for story in listed.stories if (time := story.item.published or story.lastmod)), "no date")
    parts = [f"{listed.items} items, {len(listed.stories)} stories, first of {newest}"]
    parts += [f"{len(listed.children)} further sitemaps"] if listed.children else []
    return ", ".join([*parts, *(["damaged and repaired"] if listed.is_damaged else [])])


@click.command("import")
@click.argument("opml", type=_file)
@click.option("--contact", envvar="RAFID_CONTACT", required=True, help="A page or mail address by which sites can reach you.")
def import_opml(opml: Path, contact: str) -> None:
    """Print the feeds of an OPML file as a sources file, a source a site."""
    from lxml import etree  # noqa: PLC0415

    try:
        root = etree.fromstring(opml.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True, recover=True))
    except (etree.XMLSyntaxError, OSError) as exc:
        raise RafidError(f"{opml}: no OPML ({exc})") from None
    urls = [(outline.get("xmlUrl") or "").strip() for outline in (root.iter("outline") if root is not None else ())]
    if not any(urls):
        raise RafidError(f"{opml}: no outline with an xmlUrl in it")
    click.echo(written(contact, urls).rstrip())
