"""The commands that ask the index: search, and trends."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click
import orjson

from indexing.elastic.settings import ElasticSettings, elastic_options
from indexing.generations.names import names
from streams.runtime.options import TimeParam, json_option, namespace_option


class Listed(click.Option):
    """An option that may be repeated; in its variable the values stand between commas, because a source may hold a space."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **(kwargs | {"multiple": True}))

    def value_from_envvar(self, ctx: click.Context) -> tuple[str, ...] | None:
        """Returns the values of the variable without the space around them, or None when it is empty or not set."""
        given = self.resolve_envvar_value(ctx)
        return tuple(filter(None, map(str.strip, given.split(",")))) if given is not None else None


class _WordsAfterMinus(click.Command):
    """A command that takes a minus before a letter beyond ASCII for one of our words, not for options of one letter."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads the arguments and returns those that are left.

        An excluded phrase whose quotes a shell has taken gets them back first.
        """
        return super().parse_args(ctx, [_excluding(arg) if re.match(r"-[^\x00-\x7f]", arg) else arg for arg in args])


def _excluding(arg: str) -> str:
    return f'\u2212"{arg[1:]}"' if re.search(r"\s", arg) else f"\u2212{arg[1:]}"


@click.command(cls=_WordsAfterMinus)
@click.argument("words", nargs=-1)
@namespace_option
@click.option("--index", envvar="RAFID_INDEX", help="Index or alias to search. [default: the articles of the namespace]")
@click.option("--source", "sources", cls=Listed, envvar="RAFID_SEARCH_SOURCE", help="Only this source; may be repeated.")
@click.option("--country", "countries", cls=Listed, envvar="RAFID_SEARCH_COUNTRY", help="Only this country; may be repeated.")
@click.option("--section", "sections", cls=Listed, envvar="RAFID_SEARCH_SECTION", help="Only this section; may be repeated.")
@click.option("--language", "languages", cls=Listed, envvar="RAFID_SEARCH_LANGUAGE", help="Only this language, such as ar.")
@click.option(
    "--since", type=TimeParam(), envvar="RAFID_SEARCH_SINCE", help="Not older: an age (24h, 7d), a date or a time in UTC."
)
@click.option("--until", type=TimeParam(), envvar="RAFID_SEARCH_UNTIL", help="Older than this: an age, a date or a time in UTC.")
@click.option("--newest", is_flag=True, envvar="RAFID_SEARCH_NEWEST", help="The newest first, instead of the best.")
@click.option(
    "--recency",
    type=click.FloatRange(0.05, 36_500),
    envvar="RAFID_SEARCH_RECENCY",
    metavar="DAYS",
    help="Prefer what is new: after this many days half of the bonus is left.",
)
@click.option(
    "--size", type=click.IntRange(1, 1000), default=10, show_default=True, envvar="RAFID_SEARCH_SIZE", help="Stories a page."
)
@click.option("--after", envvar="RAFID_SEARCH_AFTER", metavar="PAGE", help="Go on where a page said `more` (or `next_page`).")
@click.option("--facets", is_flag=True, envvar="RAFID_SEARCH_FACETS", help="Count by source, section, country, language and day.")
@click.option(
    "--related", envvar="RAFID_SEARCH_RELATED", metavar="ID", help="Stories about the same as this article, instead of words."
)
@click.option(
    "--queries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="RAFID_SEARCH_QUERIES",
    help="JSON Lines of `id` and `query`: write a TREC run of them all.",
)
@click.option(
    "--run", type=click.Path(dir_okay=False, path_type=Path), envvar="RAFID_SEARCH_RUN", help="Where the TREC run goes."
)
@click.option(
    "--depth",
    type=click.IntRange(1, 10_000),
    default=100,
    show_default=True,
    envvar="RAFID_SEARCH_DEPTH",
    help="Documents a query in a run.",
)
@json_option
@elastic_options
def search(
    *,
    words: tuple[str, ...],
    namespace: str,
    index: str | None,
    related: str | None,
    queries: Path | None,
    run: Path | None,
    depth: int,
    newest: bool,
    after: str | None,
    as_json: bool,
    elastic: ElasticSettings,
    **asked: Any,
) -> None:
    """Stories that answer WORDS, best first, each once.

    "Words in quotes" must stand there exactly, word* finds what begins so, -word and -"words in quotes" exclude. A shell takes
    quotes and stars for itself: put the whole between single quotes.
    """
    from rich.console import Console  # noqa: PLC0415 - loaded when it is needed

    from indexing.search import rendering, trec  # noqa: PLC0415
    from indexing.search import search as searching  # noqa: PLC0415
    from indexing.search.query import SearchRequest  # noqa: PLC0415

    if (queries is None) != (run is None):
        raise click.UsageError("--queries and --run go together")
    if [bool(words), bool(related), bool(queries)].count(True) != 1:
        raise click.UsageError("give WORDS, or --related ID, or --queries FILE --run FILE")
    if run is not None and not run.parent.is_dir():
        raise click.BadParameter(f"there is no folder {run.parent}", param_hint="--run")
    called = names(namespace)
    where, everything = index or called.articles, index or called.everything
    with elastic.client() as client:
        if queries is not None and run is not None:
            count = trec.write_run(client, where, queries, run, depth)
            click.echo(f"{count:,} queries ranked in {run}")
            return
        if related:
            page = searching.find_related(client, where, everything, related, asked["size"])
        else:
            bounds = {name: time.isoformat() for name in ("since", "until") if (time := asked.pop(name))}
            request = SearchRequest(text=" ".join(words), order="newest" if newest else "relevance", **bounds, **asked)
            page = searching.search(client, where, everything, searching.after_page(request, after) if after else request)
    if as_json:
        click.echo(orjson.dumps(page.as_json(), option=orjson.OPT_INDENT_2))
    else:
        rendering.show_page(Console(highlight=False), page)


@click.command()
@namespace_option
@click.option("--index", envvar="RAFID_INDEX", help="Index or alias to look at. [default: the articles of the namespace]")
@click.option(
    "--since",
    default="24h",
    show_default=True,
    envvar="RAFID_TRENDS_SINCE",
    metavar="AGE",
    help="How far now reaches: 90m, 24h, 7d.",
)
@click.option("--source", "sources", cls=Listed, envvar="RAFID_TRENDS_SOURCE", help="Only this source; may be repeated.")
@click.option(
    "--size", type=click.IntRange(1, 100), default=10, show_default=True, envvar="RAFID_TRENDS_SIZE", help="Words to show."
)
@json_option
@elastic_options
def trends(
    *, namespace: str, index: str | None, since: str, sources: tuple[str, ...], size: int, as_json: bool, elastic: ElasticSettings
) -> None:
    """Words that stand out now against the time before, with counts, sources and a headline."""
    from rich.console import Console  # noqa: PLC0415 - loaded when it is needed

    from indexing.search.rendering import show_trends  # noqa: PLC0415
    from indexing.search.trends import trends as find_trends  # noqa: PLC0415

    try:
        with elastic.client() as client:
            found = find_trends(client, index or names(namespace).articles, since, sources, size)
    except ValueError as exc:
        raise click.BadParameter(str(exc), param_hint="--since") from None
    if as_json:
        click.echo(orjson.dumps([trend.as_json() for trend in found], option=orjson.OPT_INDENT_2))
    else:
        show_trends(Console(highlight=False), found)
