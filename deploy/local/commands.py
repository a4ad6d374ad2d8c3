"""`rafid local`: the servers on this machine."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any, TypeVar

import click
from rich.console import Console

Command = TypeVar("Command", bound=Callable[..., Any])


def _stack_name(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,40}", value):
        raise click.BadParameter("a name of letters, digits, - and _")
    return value


def stack_option(default: str) -> Callable[[Command], Command]:
    """Adds the option that names the stack."""
    return click.option(
        "--stack",
        envvar="RAFID_STACK" if default == "local" else f"RAFID_{default.upper()}_STACK",
        default=default,
        show_default=True,
        metavar="NAME",
        callback=_stack_name,
        help="Name of the stack; each has ports and data of its own.",
    )


json_option = click.option("--json", "as_json", is_flag=True, envvar="RAFID_JSON", help="Print JSON.")


@click.group()
def local() -> None:
    """Real Kafka and Elasticsearch on this machine, with nothing but Python installed."""


@local.command()
@stack_option("local")
@click.option(
    "--secure",
    is_flag=True,
    envvar="RAFID_LOCAL_SECURE",
    help="Make a stack that lets nobody in without a login: TLS, and a user with the least rights for each process.",
)
@click.option(
    "--brokers",
    envvar="RAFID_LOCAL_BROKERS",
    type=click.IntRange(1, 5),
    metavar="N",
    help="Make a stack with so many brokers of Kafka, one cluster. [default: as it was made, else 1]",
)
@click.option(
    "--nodes",
    envvar="RAFID_LOCAL_NODES",
    type=click.IntRange(1, 5),
    metavar="N",
    help="Make a stack with so many nodes of Elasticsearch, one cluster. [default: as it was made, else 1]",
)
@json_option
def up(stack: str, *, secure: bool, brokers: int | None, nodes: int | None, as_json: bool) -> None:
    """Start what is not running, and print the addresses."""
    from deploy.local import stack as stacks  # noqa: PLC0415 - clients take half a second to import

    addresses = dataclasses.asdict(stacks.up(stack, Console(stderr=True), secure=secure, brokers=brokers, nodes=nodes))
    if as_json:
        click.echo(json.dumps(addresses))
        return
    for server, address in addresses.items():
        click.echo(f"{server:14} {address}")


@local.command()
@stack_option("local")
def down(stack: str) -> None:
    """Stop what `up` started, and keep the data."""
    from deploy.local import stack as stacks  # noqa: PLC0415

    click.echo("stopped" if stacks.down(stack) else f"the stack {stack} was not running")


@local.command()
@stack_option("local")
@click.option("--yes", is_flag=True, envvar="RAFID_YES", help="Do not ask.")
def reset(stack: str, yes: bool) -> None:
    """Stop the servers and delete all their data."""
    from deploy.local import stack as stacks  # noqa: PLC0415

    if not yes:
        click.confirm(f"Delete all topics and indices of the stack {stack}?", abort=True)
    stacks.reset(stack)
    click.echo(f"the stack {stack} is empty; `rafid local up` starts it afresh")


@local.command()
@stack_option("local")
@json_option
@click.pass_context
def status(context: click.Context, stack: str, as_json: bool) -> None:
    """Show what runs, where, and where its log is; exit code 1 unless all servers are up."""
    from deploy.local import stack as stacks  # noqa: PLC0415

    servers = stacks.status(stack)
    if as_json:
        click.echo(json.dumps([dataclasses.asdict(server) | {"log": str(server.log)} for server in servers]))
    elif not servers:
        click.echo(f"the stack {stack} was never started; `rafid local up` does")
    for server in () if as_json else servers:
        pids = f" (pid {', '.join(map(str, server.pids))})" if server.pids else ""
        click.echo(f"{server.title:22} {server.state}{pids}  {server.address}  log {server.log}")
    context.exit(0 if servers and all(server.state == "up" for server in servers) else 1)
