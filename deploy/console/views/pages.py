"""The pages: each reads an answer and renders it; everything works without a script."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse

from deploy.console.guard.access import COOKIE, SESSION_S
from deploy.console.guard.http import identity_of
from deploy.console.readers import Busy, Readers
from deploy.console.reads import search as searches
from deploy.console.reads import story as stories
from deploy.console.reads.address import asked
from deploy.console.views import drawing
from deploy.console.views.wording import Wording
from indexing.search.search import SearchFailed
from streams.connect.clients import NoKafka
from streams.errors import RafidError

PREFERENCES: Final = {"language": ("ar", "en"), "digits": ("latn", "arab"), "theme": ("auto", "light", "dark")}
YEAR_S: Final = 365 * 86_400
FRAME_AFTER_S: Final = 0.05  # an answer that takes longer is preceded by the frame of its page
MAIN: Final = '<main id="main"'
MOST_FORM_BYTES: Final = 65_536
ERROR_TITLES: Final = {400: "not_understood", 403: "not_allowed", 404: "not_found"}  # of the wording; else there is no answer
Page = Callable[[Request], Awaitable[Response]]
_QUOTES = str.maketrans(dict.fromkeys('"“”«»„', " "))
TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parents[1] / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
TEMPLATES.globals["draw"] = drawing
TEMPLATES.globals["safe_url"] = lambda url: bool(url) and url.lower().startswith(("http://", "https://"))
TEMPLATES.globals["unquoted"] = lambda text: " ".join(text.translate(_QUOTES).split())
TEMPLATES.tests["arabic"] = lambda text: any("\u0600" <= char <= "\u06ff" for char in text)


def wording_of(request: Request) -> Wording:
    """Returns how this reader is spoken to, by its cookies."""
    zone: tzinfo = getattr(request.app.state, "zone", UTC)
    chosen = preferences_of(request)
    return Wording("en" if chosen["language"] == "en" else "ar", "arab" if chosen["digits"] == "arab" else "latn", zone)


def preferences_of(request: Request) -> dict[str, str]:
    """Returns the reader's language, digits and theme; the first of each where its cookie says nothing known."""
    cookies = {name: request.cookies.get(f"rafid_{name}", "") for name in PREFERENCES}
    return {name: cookies[name] if cookies[name] in known else known[0] for name, known in PREFERENCES.items()}


def render(request: Request, template: str, status: int = 200, **fields: Any) -> Response:
    """Returns the page of a template, in the reader's language."""
    identity, readers = identity_of(request), readers_of(request)
    shown = {
        "w": wording_of(request),
        "preferences": preferences_of(request),
        "here": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "section_here": request.url.path.split("/")[1],
        "identity": identity,
        "proof": readers.access.proof(identity),
        "asks_for_login": readers.access.has_tokens,
    }
    return HTMLResponse(TEMPLATES.get_template(template).render(shown | fields), status)


def readers_of(request: Request) -> Readers:
    """Returns what this console reads from."""
    readers: Readers = request.app.state.readers
    return readers


def shows_errors(page: Page) -> Page:
    """Makes the page say in a line why there is none: 404, 400 for what was asked, 503 for a server that fails."""

    async def with_errors(request: Request) -> Response:
        try:
            return await page(request)
        except RafidError as exc:
            return error_page(request, status_of(exc), str(exc))

    return with_errors


def error_page(request: Request, status: int, message: str = "") -> Response:
    """Returns the page that says why there is no other: a title in the reader's language, and the message as it is."""
    return render(request, "error.html", status, title=ERROR_TITLES.get(status, "unavailable"), message=message)


def status_of(error: RafidError) -> int:
    """Returns the status of an answer that cannot be given."""
    if isinstance(error, stories.NotFound):
        return 404
    return 503 if isinstance(error, (SearchFailed, Busy, NoKafka)) else 400


async def form_of(request: Request) -> dict[str, str]:
    """Returns the fields of a form, in at most 64 KiB. Raises RafidError beyond that."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM_BYTES:
            raise RafidError("the form is too large")
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=1_000))


def frame_first(title: Callable[[Request], str]) -> Callable[[Page], Page]:
    """Has a page sent whole when it is there within 50 ms, else its head, masthead and menu go before, and it follows.

    So a browser fetches fonts and style and paints while the servers are asked. The status is 200 then, whatever follows.
    """

    def decorated(page: Page) -> Page:
        async def framed(request: Request) -> Response:
            answering = asyncio.ensure_future(page(request))
            done, _ = await asyncio.wait((answering,), timeout=FRAME_AFTER_S)
            if done:
                return answering.result()
            frame = bytes(render(request, "waiting.html", title=title(request)).body).partition(MAIN.encode())[0]
            return StreamingResponse(_framed(frame, answering), media_type="text/html")

        return framed

    return decorated


async def _framed(frame: bytes, answering: asyncio.Future[Response]) -> AsyncIterator[bytes]:
    try:
        yield frame
        _, main, rest = bytes((await answering).body).partition(MAIN.encode())
        yield main + rest
    finally:
        answering.cancel()  # when the reader is gone


def _search_title(request: Request) -> str:
    return asked(request.query_params.multi_items()).q or wording_of(request).text("search")


@frame_first(_search_title)
@shows_errors
async def search(request: Request) -> Response:
    """Returns the search page, which is also the first page: the newest stories when nothing is asked."""
    readers = readers_of(request)
    wanted = asked(request.query_params.multi_items())
    found = await readers.read(searches.search_page, readers.index, wanted)
    bars = drawing.day_bars(found.days, 600, 60)
    return render(request, "search.html", asked=wanted, found=found, bars=bars)


@shows_errors
async def story(request: Request) -> Response:
    """Returns a story as one document tells it."""
    readers = readers_of(request)
    doc_id = request.path_params["id"]
    found = await readers.read(stories.telling, readers.index, readers.pages, readers.rules, doc_id)
    return render(request, "story.html", story=found)


@shows_errors
async def compare(request: Request) -> Response:
    """Returns two tellings of a story word by word."""
    readers = readers_of(request)
    first, second = (request.path_params[name] for name in ("first", "second"))
    found = await readers.read(stories.comparison, readers.index, readers.pages, readers.rules, first, second)
    return render(request, "compare.html", found=found)


async def prefer(request: Request) -> Response:
    """Remembers a preference in a cookie, and leads the reader back."""
    answer = RedirectResponse(local_path(request.query_params.get("next", "/")), 303)
    for name, known in PREFERENCES.items():
        value = request.query_params.get(name)
        if value in known:
            answer.set_cookie(f"rafid_{name}", value, max_age=YEAR_S, samesite="strict", httponly=True)
    return answer


async def login_form(request: Request) -> Response:
    """Returns the form in which a token is pasted."""
    return render(request, "login.html", next=local_path(request.query_params.get("next", "/")), failed=False)


@shows_errors
async def login(request: Request) -> Response:
    """Opens a session for the holder of a known token; else returns the form once more."""
    form = await form_of(request)
    cookie = readers_of(request).access.open_session(form.get("token", "").strip())
    back = local_path(form.get("next", "/"))
    if cookie is None:
        return render(request, "login.html", 401, next=back, failed=True)
    answer = RedirectResponse(back, 303)
    # Behind a proxy that speaks TLS only the browser knows that it does.
    secure = request.headers.get("origin", str(request.base_url)).startswith("https:")
    answer.set_cookie(COOKIE, cookie, max_age=SESSION_S, samesite="strict", httponly=True, secure=secure)
    return answer


@shows_errors
async def logout(request: Request) -> Response:
    """Ends the session, if the form is ours."""
    access = readers_of(request).access
    if not access.proves(identity_of(request), (await form_of(request)).get("proof", "")):
        return error_page(request, 403, wording_of(request).text("other_session"))
    access.close_session(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


async def missing(request: Request, _error: Exception) -> Response:
    """Returns the page for an address that has none."""
    return error_page(request, 404)


def local_path(text: str) -> str:
    """Returns a path of this server: another host, a scheme or a backslash makes it the first page."""
    if not text.isprintable() or "\\" in text or not text.startswith("/") or text.startswith("//"):
        return "/"
    parts = urlsplit(text)
    return "/" if parts.scheme or parts.netloc else text


def pages() -> dict[str, tuple[str, Page]]:
    """Returns the method and page of each path."""
    return {
        "/": ("GET", search),
        "/story/{id}": ("GET", story),
        "/compare/{first}/{second}": ("GET", compare),
        "/preferences": ("GET", prefer),
    }
