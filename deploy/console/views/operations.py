"""The pages about the flow: trends, sources, the pipeline and its live figures, dead letters."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from deploy.console.guard.http import identity_of
from deploy.console.reads import letters as dead
from deploy.console.reads import sources as origins
from deploy.console.reads import trends as words
from deploy.console.reads.address import PERIODS, asked_trends
from deploy.console.reads.flow import READS, Broadcast, last_audit
from deploy.console.reads.pipeline_answers import Flow
from deploy.console.views.pages import (
    TEMPLATES,
    Page,
    error_page,
    form_of,
    frame_first,
    readers_of,
    render,
    shows_errors,
    wording_of,
)
from deploy.console.views.wording import Wording

MOST_LISTENERS: Final = 200
RETRY_MS: Final = 3_000


def broadcast_of(request: Request) -> Broadcast:
    """Returns the task that looks at the pipeline."""
    broadcast: Broadcast = request.app.state.broadcast
    return broadcast


@frame_first(lambda request: wording_of(request).text("trends"))
@shows_errors
async def trends(request: Request) -> Response:
    """Returns words that stand out in a period."""
    readers, wanted = readers_of(request), asked_trends(request.query_params.multi_items())
    found = await readers.read(words.trending, readers.index, wanted)
    known = {name: await readers.read(origins.values, readers.index, name) for name in ("source", "country")}
    return render(request, "trends.html", found=found, asked=wanted, periods=PERIODS, known=known)


@frame_first(lambda request: wording_of(request).text("sources"))
@shows_errors
async def sources(request: Request) -> Response:
    """Returns every source that the index knows, as it is judged."""
    readers = readers_of(request)
    found = await readers.read(origins.sources, readers.index, readers.kafka, readers.judged)
    return render(request, "sources.html", found=found)


@frame_first(lambda request: wording_of(request).text("pipeline"))
@shows_errors
async def pipeline(request: Request) -> Response:
    """Returns the path as a picture; its figures go on by server-sent events."""
    broadcast = broadcast_of(request)
    flow = broadcast.latest
    if flow is None:
        flow = await anext(broadcast.listen())
    figures, readers = dict(live_figures(flow, wording_of(request))), readers_of(request)
    last = await readers.read(last_audit, readers.index) if flow.elasticsearch_up else None
    return render(request, "pipeline.html", flow=flow, figures=figures, hour=broadcast.hour, audit=last)


async def charts(request: Request) -> Response:
    """Returns the charts of the last hour alone, for a page that renews them."""
    shown = TEMPLATES.get_template("charts.html").render(w=wording_of(request), hour=broadcast_of(request).hour)
    return Response(shown, media_type="text/html")


async def live(request: Request) -> Response:
    """Returns server-sent events: every figure of the pipeline page in the reader's words, at each look at the servers."""
    broadcast, wording = broadcast_of(request), wording_of(request)
    if broadcast.listeners >= MOST_LISTENERS:
        return Response("too many watch the pipeline\n", 503, {"retry-after": "30"}, "text/plain")

    async def events() -> AsyncIterator[bytes]:
        yield b"retry: %d\n\n" % RETRY_MS
        async with contextlib.aclosing(broadcast.listen()) as flows:
            async for flow in flows:
                yield b"event: flow\ndata: " + orjson.dumps(dict(live_figures(flow, wording))) + b"\n\n"

    return StreamingResponse(events(), headers={"x-accel-buffering": "no"}, media_type="text/event-stream")


def live_figures(flow: Flow, w: Wording) -> Iterator[tuple[str, str]]:
    """Yields the name of a figure on the page, and its text."""
    for stage in flow.stages:
        yield f"{stage.name}-messages", w.number(stage.messages)
        yield f"{stage.name}-rate", w.number(round(stage.rate, 1))
        yield f"{stage.name}-age", w.age(stage.age_s) if stage.age_s is not None else "–"
        if stage.lag is not None:
            yield f"{stage.name}-lag", w.number(stage.lag)
            yield f"{stage.name}-members", w.number(stage.members or 0)
    for name in ("articles", "sightings", "register"):
        value = getattr(flow, name)
        yield name, w.number(value) if value is not None else "–"
    yield "kafka", w.text("up" if flow.kafka_up else "down")
    yield "elasticsearch", w.text("up" if flow.elasticsearch_up else "down") + (f" ({flow.health})" if flow.health else "")
    yield "at", w.shaped(flow.at[11:19])
    resting = [w.text(f"worker_{READS[stage.name]}") for stage in flow.stages if stage.members == 0]
    calm = w.text("none_works", workers=w.text("comma").join(resting)) if resting else w.text("all_well")
    yield "down", "\n".join(flow.down) or calm


@shows_errors
async def letters(request: Request) -> Response:
    """Returns the newest dead letters."""
    readers = readers_of(request)
    stage, reason = (request.query_params.get(name, "") for name in ("stage", "reason"))
    found = await readers.read(dead.letters, readers.kafka, stage, reason)
    return render(request, "letters.html", found=found, stage=stage, reason=reason, stages=dead.STAGES, reasons=dead.REASONS)


@shows_errors
async def letter(request: Request) -> Response:
    """Returns one dead letter, whole."""
    readers = readers_of(request)
    found = await readers.read(dead.letter, readers.kafka, request.path_params["id"])
    return render(request, "letter.html", letter=found, replay=None)


@shows_errors
async def replay(request: Request) -> Response:
    """Returns what a replay would do, and with a confirmation what it did. For operators, from a form of theirs."""
    readers, identity = readers_of(request), identity_of(request)
    if identity.role != "operator":
        return error_page(request, 403, wording_of(request).text("replay_only_operators"))
    form = await form_of(request)
    if not readers.access.proves(identity, form.get("proof", "")):
        return error_page(request, 403, wording_of(request).text("other_session"))
    letter_id, confirmed = request.path_params["id"], form.get("confirmed") == "yes"
    found = await readers.read(dead.letter, readers.kafka, letter_id)
    done = await readers.read(dead.replay, readers.kafka, letter_id, dry_run=not confirmed)
    return render(request, "letter.html", letter=found, replay=done)


def pages() -> dict[str, tuple[str, Page]]:
    """Returns the method and page of each path."""
    return {
        "/trends": ("GET", trends),
        "/sources": ("GET", sources),
        "/pipeline": ("GET", pipeline),
        "/pipeline/charts": ("GET", charts),
        "/pipeline/live": ("GET", live),
        "/dead-letters": ("GET", letters),
        "/dead-letters/{id}": ("GET", letter),
        "/dead-letters/{id}/replay": ("POST", replay),
    }
