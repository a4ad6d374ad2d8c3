"""`python -m deploy.demo.web.serve PORT`: the invented sites on a port of this machine alone.

A story comes out when one is asked for, by `POST /publish`, and after `POST /go-on?every_s=15` by itself.
"""

from __future__ import annotations

import asyncio
import collections
import sys
from datetime import UTC, datetime

from aiohttp import web

from deploy.demo.web.pages import address, feed, page
from deploy.demo.web.press import SITES, Press

PRESS = web.AppKey("press", Press)
POLLS = web.AppKey("polls", collections.Counter[str])


class Rhythm:
    """The task that lets stories come out by themselves, if any."""

    task: asyncio.Task[None] | None = None


RHYTHM = web.AppKey("rhythm", Rhythm)


def app() -> web.Application:
    """Returns the server's application, with no story out yet."""
    made = web.Application()
    made[PRESS], made[RHYTHM], made[POLLS] = Press(), Rhythm(), collections.Counter()
    made.add_routes(
        [
            web.get("/robots.txt", _robots),
            web.get("/polls", _polls),
            web.get("/{site}/rss.xml", _feed),
            web.get("/{site}/{path:.+}", _page),
            web.post("/publish", _publish),
            web.post("/go-on", _go_on),
        ]
    )
    made.on_cleanup.append(_stop)
    return made


async def _robots(_request: web.Request) -> web.Response:
    return web.Response(text="User-agent: *\nDisallow:\n")


async def _polls(request: web.Request) -> web.Response:
    """Tells how often the feeds have been asked for."""
    return web.Response(text=str(request.app[POLLS].total()))


async def _feed(request: web.Request) -> web.Response:
    site = SITES.get(request.match_info["site"])
    if site is None:
        raise web.HTTPNotFound
    request.app[POLLS][site.name] += 1
    listed = feed(site, request.app[PRESS].newest(site.name), _base(request))
    return web.Response(body=listed.encode(), content_type="application/rss+xml", charset="utf-8")


async def _page(request: web.Request) -> web.Response:
    press, site = request.app[PRESS], request.match_info["site"]
    story = press.story(site, request.match_info["path"])
    if story is None:
        raise web.HTTPNotFound
    return web.Response(text=page(story, press.newest(site), _base(request)), content_type="text/html")


async def _publish(request: web.Request) -> web.Response:
    story = request.app[PRESS].publish(datetime.now(UTC))
    return web.json_response({"site": story.site, "title": story.title, "url": address(story, _base(request))})


async def _go_on(request: web.Request) -> web.Response:
    """Lets a story come out every so many seconds from now on; 0 ends that."""
    every_s = float(request.query["every_s"])
    await _stop(request.app)
    if every_s:
        request.app[RHYTHM].task = asyncio.create_task(_publish_every(request.app[PRESS], every_s))
    return web.Response(status=204)


async def _publish_every(press: Press, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        press.publish(datetime.now(UTC))


async def _stop(made: web.Application) -> None:
    task = made[RHYTHM].task
    if task:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _base(request: web.Request) -> str:
    return f"http://{request.host}"


if __name__ == "__main__":
    web.run_app(app(), host="127.0.0.1", port=int(sys.argv[1]), print=None)
