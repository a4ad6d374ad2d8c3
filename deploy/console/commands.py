"""The command that serves the console."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

import click

from indexing.elastic.settings import ElasticSettings, elastic_options
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.runtime.lifecycle import Process
from streams.runtime.options import process_options
from streams.runtime.settings import ShellSettings


class NamedRole(click.ParamType):
    """A name and a role, as NAME:reader or NAME:operator."""

    name = "name:role"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Returns the name and the role; wrong usage for any other role."""
        name, _, role = str(value).rpartition(":")
        if not name or role not in ("reader", "operator"):
            self.fail(f"{value!r} is no NAME:reader or NAME:operator", param, ctx)
        return name, role


def _print_token(context: click.Context, _option: click.Parameter, value: tuple[str, str] | None) -> None:
    """Prints the token and ends the command, before it asks where any server is."""
    if value is not None and not context.resilient_parsing:
        from deploy.console.guard.access import new_token  # noqa: PLC0415 - the server takes half a second to import

        token, line = new_token(*value)
        click.echo(f"token, shown this once: {token}\nline for --tokens:      {line}")
        context.exit()


@click.command()
@click.option("--host", envvar="RAFID_CONSOLE_HOST", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    envvar="RAFID_CONSOLE_PORT",
    type=click.IntRange(0, 65_535),
    default=8420,
    show_default=True,
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--host-name",
    "host_names",
    envvar="RAFID_CONSOLE_HOST_NAME",
    multiple=True,
    help="Host name that browsers use for it, beside the address itself; may be repeated.",
)
@click.option(
    "--tokens",
    envvar="RAFID_CONSOLE_TOKENS",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File of hashed tokens, one NAME ROLE SHA256 a line: a login is asked for.",
)
@click.option(
    "--login",
    "logins",
    envvar="RAFID_CONSOLE_LOGINS",
    multiple=True,
    metavar="NAME:ROLE:TOKEN",
    help="Who may log in with which token, beside the file's; may be repeated, in the variable with blanks between: better.",
)
@click.option(
    "--new-token",
    envvar="RAFID_CONSOLE_NEW_TOKEN",
    type=NamedRole(),
    metavar="NAME:ROLE",
    is_eager=True,
    expose_value=False,
    callback=_print_token,
    help="Print a new token and its line for --tokens, and serve nothing.",
)
@click.option(
    "--proxy",
    "proxies",
    envvar="RAFID_CONSOLE_PROXY",
    multiple=True,
    metavar="NETWORK",
    help="Address or network of a proxy that has done the login; may be repeated.",
)
@click.option(
    "--proxy-header",
    envvar="RAFID_CONSOLE_PROXY_HEADER",
    default="X-Forwarded-User",
    show_default=True,
    help="Header in which the proxy says who asks.",
)
@click.option(
    "--proxy-user",
    "proxy_users",
    envvar="RAFID_CONSOLE_PROXY_USER",
    multiple=True,
    type=NamedRole(),
    metavar="NAME:ROLE",
    help="Who may come through the proxy, and as what; may be repeated.",
)
@click.option(
    "--loopback-role",
    envvar="RAFID_CONSOLE_LOOPBACK_ROLE",
    type=click.Choice(["reader", "operator"]),
    default="reader",
    show_default=True,
    help="Role of everybody on this machine, when no login is asked for.",
)
@click.option(
    "--rate",
    envvar="RAFID_CONSOLE_RATE",
    type=click.FloatRange(min=0),
    default=50,
    show_default=True,
    metavar="REQUESTS/S",
    help="Requests a second of one address, four seconds' worth at once; 0 for no limit.",
)
@click.option(
    "--timezone", envvar="RAFID_CONSOLE_TIMEZONE", default="UTC", show_default=True, help="Time zone of the times shown."
)
@click.option(
    "--rules",
    envvar="RAFID_SPLIT_RULES",
    type=click.File(),
    help="Rule file of the split workers, so that pages are shown as they cut them.",
)
@process_options
@kafka_options
@elastic_options
def console(
    *,
    shell: ShellSettings,
    kafka: KafkaSettings,
    elastic: ElasticSettings,
    rules: IO[str] | None,
    **options: Any,
) -> None:
    """Serve search, stories, trends and the pipeline to browsers, in Arabic and English."""
    from deploy.console import serve  # noqa: PLC0415 - the server takes half a second to import

    settings = serve.Settings(**options)
    serve.serve(settings, Process("console", shell), kafka, elastic, rules.read() if rules else "")
