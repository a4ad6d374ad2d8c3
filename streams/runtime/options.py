"""Options that commands of several rooms share, each written once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import click

from streams.runtime.settings import HealthSettings, LogFormat, ShellSettings
from streams.runtime.time_expressions import point_in_time


class TimeParam(click.ParamType):
    """A time, a date, or an age like `90m`, `2h`, `3d`, `2w`; the value is a datetime with a zone, UTC unless given."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Returns the time; wrong usage when the value names none."""
        if isinstance(value, datetime):
            return value
        try:
            return point_in_time(value, datetime.now(UTC))
        except (ValueError, OverflowError) as exc:
            self.fail(str(exc), param, ctx)


def process_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Gives a command the options of a long-running process; it gets them as `shell`."""

    @functools.wraps(command)
    def with_shell(
        *args: Any, report_every: float, log_format: LogFormat, metrics_port: int, metrics_host: str, **options: Any
    ) -> Any:
        health = HealthSettings(metrics_port, metrics_host)
        shell = ShellSettings(report_every_s=report_every, debug=debug_is_on(), log_format=log_format, health=health)
        return command(*args, shell=shell, **options)

    for option in reversed(_PROCESS_OPTIONS):
        with_shell = option(with_shell)
    return with_shell


_PROCESS_OPTIONS = (
    click.option(
        "--report-every",
        envvar="RAFID_REPORT_EVERY",
        type=click.FloatRange(min=0.1),
        default=10.0,
        show_default=True,
        metavar="SECONDS",
        help="How often to log what was done, when there was anything to do.",
    ),
    click.option(
        "--log-format",
        envvar="RAFID_LOG_FORMAT",
        type=click.Choice(["text", "json"]),
        default="text",
        show_default=True,
        help="Log lines for people, or one JSON object each.",
    ),
    click.option(
        "--metrics-port",
        envvar="RAFID_METRICS_PORT",
        type=click.IntRange(0, 65535),
        default=0,
        show_default=True,
        metavar="PORT",
        help="Answer /metrics, /healthz and /readyz there; 0: nowhere.",
    ),
    click.option(
        "--metrics-host",
        envvar="RAFID_METRICS_HOST",
        default="127.0.0.1",
        show_default=True,
        metavar="ADDRESS",
        help="The address to answer on.",
    ),
)
namespace_option = click.option(
    "--namespace", envvar="RAFID_NAMESPACE", default="news", show_default=True, help="Prefix of the indices."
)
pages_of_option = click.option(
    "--pages-of",
    envvar="RAFID_PAGES_OF",
    metavar="NAMESPACE",
    help="Read the pages of this namespace: a rebuild beside a live one. [default: its own]",
)
json_option = click.option("--json", "as_json", is_flag=True, envvar="RAFID_JSON", help="JSON instead of text.")
json_at_end_option = click.option(
    "--json", "as_json", is_flag=True, envvar="RAFID_JSON", help="Print one JSON object at the end."
)
json_lines_option = click.option(
    "--json", "as_lines", is_flag=True, envvar="RAFID_JSON", help="One JSON object on each line, also on a terminal."
)


def debug_is_on() -> bool:
    """Returns whether `rafid` was called with --debug (RAFID_DEBUG)."""
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().params.get("debug", False))
