"""`rafid produce serve` and `rafid tokens ...`."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import platformdirs

from producers.push.tokens import TokenFile, add_token, read_tokens, revoke_token, tokens_of_logins
from streams.connect.kafka import KafkaSettings, kafka_options
from streams.runtime.options import process_options
from streams.runtime.settings import ShellSettings
from streams.times import rfc_3339

Command = TypeVar("Command", bound=Callable[..., Any])
MIB = 1024 * 1024
tokens_option = click.option(
    "--tokens",
    "token_file",
    envvar="RAFID_TOKENS",
    type=click.Path(dir_okay=False, path_type=Path),
    default=lambda: Path(platformdirs.user_config_path("rafid")) / "tokens.json",
    help="File of tokens, which holds their hashes. [default: tokens.json in the user's configuration]",
)
json_option = click.option("--json", "as_json", envvar="RAFID_JSON", is_flag=True, help="Print JSON.")


def _option(name: str, help_text: str, kind: Any, default: Any = None) -> Callable[[Command], Command]:
    """Returns an option of `serve`, its environment variable named after it, its default in its help."""
    variable = "RAFID_SERVE_" + name.removeprefix("--").upper().replace("-", "_")
    return click.option(name, envvar=variable, type=kind, default=default, show_default=default is not None, help=help_text)


_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@_option("--host", "Address to listen on.", str, "127.0.0.1")
@_option("--port", "Port; 0: a free one.", click.IntRange(0, 65535), 8710)
@tokens_option
@click.option(
    "--login",
    "logins",
    envvar="RAFID_SERVE_LOGINS",
    multiple=True,
    metavar="NAME:TOKEN",
    help="Who may push with which token, beside the file's; may be repeated, in the variable with blanks between: better.",
)
@_option("--urls", "File that POST /urls adds addresses to. [default: none, and the request is refused]", _FILE)
@_option("--max-body-mib", "MiB that a body may have, also decompressed.", click.IntRange(1, 256), 16)
@_option("--max-pages", "Pages that a request may have.", click.IntRange(1), 1_000)
@_option("--body-timeout-s", "Seconds that a body may take to come.", click.FloatRange(0.1), 30.0)
@_option("--answer-timeout-s", "Seconds that Kafka may take to acknowledge.", click.FloatRange(0.1), 60.0)
@_option("--pages-per-s", "Pages a second of one token. [default: no limit]", click.FloatRange(0.01))
@process_options
@kafka_options
def serve(
    *,
    host: str,
    port: int,
    token_file: Path,
    logins: tuple[str, ...],
    urls: Path | None,
    max_body_mib: int,
    max_pages: int,
    body_timeout_s: float,
    answer_timeout_s: float,
    pages_per_s: float | None,
    shell: ShellSettings,
    kafka: KafkaSettings,
) -> None:
    """Take pages over HTTP: POST /pages with one page, a list, or a line each, gzip too; /openapi.json describes it.

    Answers come when Kafka has acknowledged every page: one result a page, its id or why it was refused. A page sent again
    has the same id. Ends with 0 when asked to stop, after the requests it had; with 1 when Kafka fails.
    """
    server: Any = importlib.import_module("producers.push.server")  # with it comes the extra `serve`
    limits: dict[str, Any] = {"body_s": body_timeout_s, "answer_s": answer_timeout_s, "pages_per_s": pages_per_s}
    limits |= {"body_bytes": max_body_mib * MIB, "pages": max_pages}
    holders = TokenFile(token_file, tokens_of_logins(logins, _now()))
    server.serve(kafka, host, port, holders, urls, shell=shell, **limits)


@click.group()
def tokens() -> None:
    """Say who may push pages."""


@tokens.command()
@click.argument("name")
@click.option("--source", envvar="RAFID_SOURCE", help="Source of all pages that come with it. [default: the one they name]")
@tokens_option
def add(name: str, source: str | None, token_file: Path) -> None:
    """Make a token of this NAME and print it, once."""
    click.echo(add_token(token_file, name, source, _now()))


@tokens.command("list")
@tokens_option
@json_option
def list_tokens(token_file: Path, as_json: bool) -> None:
    """Show the names of the tokens, their sources and when they were made."""
    for name, token in sorted(read_tokens(token_file).items()):
        row = {"name": name, "source": token.source, "added_at": token.added_at}
        click.echo(
            json.dumps(row, ensure_ascii=False) if as_json else f"{name}\t{token.source or 'any source'}\t{token.added_at}"
        )


@tokens.command()
@click.argument("name")
@tokens_option
def revoke(name: str, token_file: Path) -> None:
    """Take back the token of this NAME; a server that runs refuses it from the next request on."""
    revoke_token(token_file, name)


def _now() -> str:
    return rfc_3339(datetime.now(UTC).replace(microsecond=0))
