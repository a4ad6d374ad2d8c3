"""The read API: the same answers as the pages, as JSON; and the result of a search as CSV."""

from __future__ import annotations

import csv
import dataclasses
import io
from collections.abc import Awaitable, Callable, Iterator
from importlib import metadata
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from deploy.console import openapi
from deploy.console.readers import Readers
from deploy.console.reads import letters as dead
from deploy.console.reads import search as searches
from deploy.console.reads import sources as origins
from deploy.console.reads import story as stories
from deploy.console.reads import trends as words
from deploy.console.reads.address import asked, asked_trends
from deploy.console.reads.answers import Problem, SearchPage, Story
from deploy.console.reads.flow import Broadcast, last_audit
from deploy.console.views.pages import readers_of, status_of
from streams.errors import RafidError

MOST_EXPORTED: Final = 500
COLUMNS: Final = ("id", "title", "source", "country", "section", "timestamp", "kind", "sources", "url")
Handler = Callable[[Request], Awaitable[Response]]
_ENCODER = msgspec.json.Encoder()


def answer(value: Any, status: int = 200) -> Response:
    """Returns the value as JSON."""
    return Response(_ENCODER.encode(value), status, media_type="application/json")


def says_errors(handler: Handler) -> Handler:
    """Makes the handler answer with a Problem, of the status that fits, where it raises."""

    async def with_errors(request: Request) -> Response:
        try:
            return await handler(request)
        except RafidError as exc:
            return answer(Problem(error=str(exc)), status_of(exc))

    return with_errors


@says_errors
async def search(request: Request) -> Response:
    """Returns a page of stories."""
    readers = readers_of(request)
    return answer(await readers.read(searches.search_page, readers.index, asked(request.query_params.multi_items())))


@says_errors
async def complete(request: Request) -> Response:
    """Returns titles that complete what is typed."""
    readers = readers_of(request)
    return answer(await readers.read(searches.complete, readers.index, request.query_params.get("q", "")[:200]))


@says_errors
async def story(request: Request) -> Response:
    """Returns a story as one document tells it."""
    readers = readers_of(request)
    doc_id = request.path_params["id"]
    return answer(await readers.read(stories.telling, readers.index, readers.pages, readers.rules, doc_id))


@says_errors
async def compare(request: Request) -> Response:
    """Returns two tellings word by word."""
    readers = readers_of(request)
    first, second = (request.path_params[name] for name in ("first", "second"))
    return answer(await readers.read(stories.comparison, readers.index, readers.pages, readers.rules, first, second))


@says_errors
async def trends(request: Request) -> Response:
    """Returns words that stand out."""
    readers = readers_of(request)
    return answer(await readers.read(words.trending, readers.index, asked_trends(request.query_params.multi_items())))


@says_errors
async def sources(request: Request) -> Response:
    """Returns every source of the index, as it is judged."""
    readers = readers_of(request)
    return answer(await readers.read(origins.sources, readers.index, readers.kafka, readers.judged))


@says_errors
async def flow(request: Request) -> Response:
    """Returns the pipeline as it was last looked at: at most ten seconds ago, two while somebody watches."""
    broadcast: Broadcast = request.app.state.broadcast
    return answer(broadcast.latest or await anext(broadcast.listen()))


@says_errors
async def audit(request: Request) -> Response:
    """Returns what the last audit said; null when none was kept."""
    readers = readers_of(request)
    return answer(await readers.read(last_audit, readers.index))


@says_errors
async def letters(request: Request) -> Response:
    """Returns the newest dead letters."""
    readers = readers_of(request)
    filters = [request.query_params.get(name, "") for name in ("stage", "reason")]
    return answer(await readers.read(dead.letters, readers.kafka, *filters))


@says_errors
async def letter(request: Request) -> Response:
    """Returns one dead letter, whole."""
    readers = readers_of(request)
    return answer(await readers.read(dead.letter, readers.kafka, request.path_params["id"]))


async def described(_request: Request) -> Response:
    """Returns the OpenAPI document."""
    return answer(openapi.document(metadata.version("rafid")))


@says_errors
async def export(request: Request) -> Response:
    """Returns the first 500 stories of a search, as a file: CSV that spreadsheets open in Arabic, or JSON."""
    readers = readers_of(request)
    found = await readers.read(exported, readers, request)
    kind = request.url.path.rpartition(".")[2]
    name = f"attachment; filename=rafid.{kind}"
    if kind == "json":
        return Response(_ENCODER.encode(found), headers={"content-disposition": name}, media_type="application/json")
    return Response(csv_of(found), headers={"content-disposition": name}, media_type="text/csv; charset=utf-8")


def exported(readers: Readers, request: Request) -> list[Story]:
    """Returns the stories of a search, page after page, at most 500."""
    wanted = dataclasses.replace(asked(request.query_params.multi_items()), size=50, after="")
    out: list[Story] = []
    while len(out) < MOST_EXPORTED:
        page: SearchPage = searches.search_page(readers.index, wanted)
        out += page.stories
        if not page.next_page:
            break
        wanted = dataclasses.replace(wanted, after=page.next_page)
    return out[:MOST_EXPORTED]


def csv_of(found: list[Story]) -> bytes:
    """Returns a line for each story; a value that a spreadsheet would take for a formula begins with an apostrophe."""
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows(map(_row, found))
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _row(story_: Story) -> Iterator[str]:
    for column in COLUMNS:
        value = getattr(story_, column)
        text = "" if value is None else str(value)
        yield f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def answers() -> dict[str, tuple[str, Handler]]:
    """Returns the method and handler of each path."""
    return {
        "/api/search": ("GET", search),
        "/api/complete": ("GET", complete),
        "/api/stories/{id}": ("GET", story),
        "/api/compare/{first}/{second}": ("GET", compare),
        "/api/trends": ("GET", trends),
        "/api/sources": ("GET", sources),
        "/api/flow": ("GET", flow),
        "/api/audit": ("GET", audit),
        "/api/dead-letters": ("GET", letters),
        "/api/dead-letters/{id}": ("GET", letter),
        "/api/openapi.json": ("GET", described),
        "/export.csv": ("GET", export),
        "/export.json": ("GET", export),
    }
