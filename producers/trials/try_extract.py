"""`rafid try extract`: pages as extracted, a line of JSON for programs, from right to left for the eye."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from email.message import Message
from pathlib import Path

import click
import msgspec
import orjson
from rich.console import Console
from rich.text import Text

from producers.extract.extract import extract
from producers.extract.results import Extracted, Refusal
from producers.fetch.addresses import Endpoint, allow_list
from producers.fetch.client import Answer, Client
from producers.fetch.failures import FetchFailed
from streams.errors import RafidError

_ENDINGS = (".html", ".htm", ".xhtml", ".shtml", ".aspx", ".php", ".amp")
_TO_RIGHT = "\u200f"  # a right-to-left mark: a line that begins with a number is still set from the right


@click.command()
@click.argument("target", metavar="FILE|FOLDER|URL")
@click.option(
    "--url", envvar="RAFID_PAGE_URL", help="Address that FILE was fetched from.  [default: the one that the page names]"
)
@click.option(
    "--allow",
    "allowed",
    envvar="RAFID_FETCH_ALLOW",
    multiple=True,
    metavar="HOST:PORT",
    help="Host on a private network to fetch from.",
)
@click.option(
    "--user-agent",
    envvar="RAFID_USER_AGENT",
    default="rafid",
    show_default=True,
    help="How the fetch names itself, with a contact.",
)
@click.option("--json", "as_json", envvar="RAFID_JSON", is_flag=True, help="One JSON object for each page, on a line.")
def try_extract(target: str, url: str | None, *, allowed: tuple[str, ...], user_agent: str, as_json: bool) -> None:
    """See what extraction makes of a saved page, of every page of a folder, or of the page at a URL.

    With --json each line has `id` (the file's name, or the URL), `title`, `text`, `links` as [start, end, href] in code points
    of `text`, `published_at`, `modified_at`, `author`, `url`, `language`, or `refused` with the reason.
    """
    console = Console()
    try:
        endpoints = allow_list(allowed)
    except ValueError as exc:
        raise click.BadParameter(str(exc)) from None
    is_address = target.startswith(("http://", "https://"))
    for name, data, charset, address in [_fetched(target, endpoints, user_agent)] if is_address else _saved(target, url):
        found = extract(data, url=address, http_charset=charset)
        if as_json:
            click.echo(orjson.dumps({"id": name} | as_fields(found)).decode())
        else:
            show(console, name, found)


def as_fields(found: Extracted | Refusal) -> dict[str, object]:
    """Returns the result as JSON has it: the fields, or `refused` with reason and detail."""
    if isinstance(found, Refusal):
        return {"refused": str(found)}
    return dict(msgspec.to_builtins(found))


def html_files(path: Path) -> list[Path]:
    """Returns the file, or the pages of the folder and its folders in the order of their names."""
    if path.is_file():
        return [path]
    found = (file for file in path.rglob("*") if file.is_file() and file.suffix.lower() in _ENDINGS)
    return sorted(found)


def _saved(target: str, url: str | None) -> Iterator[tuple[str, bytes, str | None, str | None]]:
    path = Path(target)
    if not path.exists():
        raise RafidError(f"{target}: no such file or folder, and no http or https URL")
    files = html_files(path)
    if not files:
        raise RafidError(f"{target}: no page in it: {', '.join(_ENDINGS)} are looked for")
    for file in files:
        try:
            yield file.name, file.read_bytes(), None, url
        except OSError as exc:
            raise RafidError(f"{file}: {exc.strerror}") from None


def _fetched(url: str, allowed: frozenset[Endpoint], user_agent: str) -> tuple[str, bytes, str | None, str | None]:
    async def fetch() -> Answer:
        async with Client(user_agent, allowed=allowed) as client:
            return await client.fetch(url)

    try:
        answer = asyncio.run(fetch())
    except FetchFailed as exc:
        raise RafidError(f"{url}: {exc}") from None
    charset = Message()
    charset["Content-Type"] = answer.headers.get("content-type", "")
    return url, answer.body, charset.get_content_charset(), answer.final_url


def show(console: Console, name: str, found: Extracted | Refusal) -> None:
    """Prints the page: its fields, then its text from the right with links underlined; plain lines off a terminal."""
    if isinstance(found, Refusal):
        console.print(Text(f"{name}: refused, {found}", style="red" if console.is_terminal else ""), soft_wrap=True)
        return
    if console.is_terminal:
        console.rule(name)
    else:
        console.print(Text(f"[{name}]"), soft_wrap=True)
    for field in ("url", "published_at", "modified_at", "author", "section", "tags", "language", "image"):
        value = getattr(found, field)
        if value:
            console.print(
                Text(f"{field}: {'، '.join(value) if isinstance(value, tuple) else value}"), soft_wrap=True, style="dim"
            )
    console.print()
    _print_line(console, Text(found.title or "(no title)", style="bold"))
    text = Text(found.text)
    for start, end, _ in found.links:
        text.stylize("underline", start, end)
    for line in text.split("\n", allow_blank=True):
        _print_line(console, line)


def _print_line(console: Console, line: Text) -> None:
    if console.is_terminal:
        line = Text(_TO_RIGHT) + line
        line.justify = "right"
        console.print(line)
    else:
        console.print(line, soft_wrap=True)
