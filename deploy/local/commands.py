"""`rafid local`: the servers on this machine."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import click
from rich.console import Console

from deploy.local import stack as stacks


def _stack_name(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,40}", value):
        raise click.BadParameter("a name of letters, digits, - and _")
    return value


stack_option = click.option(
    "--stack",
    envvar="RAFID_STACK",
    default="local",
    show_default=True,
    callback=_stack_name,
    help="Name of the stack; each has ports and data of its own.",
)
json_option = click.option("--json", "as_json", is_flag=True, envvar="RAFID_JSON", help="Print one JSON object.")


@click.group()
def local() -> None:
    """Real Kafka and Elasticsearch on this machine, with nothing but Python installed."""


@local.command("up")
@stack_option
@json_option
def local_up(stack: str, as_json: bool) -> None:
    """Start what is not running, and print the addresses."""
    addresses = dataclasses.asdict(stacks.up(stack, Console(stderr=True)))
    if as_json:
        click.echo(json.dumps(addresses))
        return
    for server, address in addresses.items():
        click.echo(f"{server:14} {address}")


@local.command("down")
@stack_option
def local_down(stack: str) -> None:
    """Stop what `up` started, and keep the data."""
    click.echo("stopped" if stacks.down(stack) else f"the stack {stack} was not running")


@local.command("reset")
@stack_option
@click.option("--yes", is_flag=True, envvar="RAFID_YES", help="Do not ask.")
def local_reset(stack: str, yes: bool) -> None:
    """Stop the servers and delete all their data."""
    if not yes:
        click.confirm(f"Delete all topics and indices of the stack {stack}?", abort=True)
    stacks.reset(stack)
    click.echo(f"the stack {stack} is empty; `rafid local up` starts it afresh")


@local.command("status")
@stack_option
@json_option
@click.pass_context
def local_status(context: click.Context, stack: str, as_json: bool) -> None:
    """Show what runs, where, and where its log is; exit code 1 unless all is up."""
    found = stacks.status(stack)
    if as_json:
        click.echo(json.dumps([_plain(server) for server in found]))
    elif not found:
        click.echo(f"the stack {stack} was never started; `rafid local up` does")
    for server in () if as_json else found:
        pids = f" (pid {', '.join(map(str, server.pids))})" if server.pids else ""
        click.echo(f"{server.title:22} {server.state}{pids}  {server.address}  log {server.log}")
    context.exit(0 if found and all(server.state == "up" for server in found) else 1)


def _plain(server: stacks.ServerStatus) -> dict[str, Any]:
    return dataclasses.asdict(server) | {"log": str(server.log)}
