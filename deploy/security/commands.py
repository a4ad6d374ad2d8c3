"""`rafid certificates`: a certificate authority of your own, and what each server and each process logs in with."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--server",
    "servers",
    envvar="RAFID_CERTIFICATES_SERVERS",
    multiple=True,
    metavar="HOST",
    help="Host name of a server that gets a certificate; may be repeated. It is also good for localhost.",
)
@click.option(
    "--namespace", envvar="RAFID_NAMESPACE", default="news", show_default=True, help="Prefix of the topics that processes use."
)
def certificates(*, folder: Path, servers: tuple[str, ...], namespace: str) -> None:
    """Make a CA in FOLDER/ca, and for each server, each process and an administrator a folder with its certificate.

    What is there stays as it is. A process's user in Kafka is the common name of its certificate, such as rafid-split.
    """
    from deploy.security.certificates import ADMIN, HOSTS, Authority, hand_out  # noqa: PLC0415 - takes a while to import
    from deploy.security.rights import principals  # noqa: PLC0415

    everyone = {each.name: each.user for each in principals(namespace).values()} | {"admin": ADMIN}
    if taken := sorted({"ca", *everyone} & set(servers)):
        raise click.UsageError(f"a server cannot be called {taken[0]}: that is the folder of another")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    authority = Authority(folder / "ca")
    for name in servers:
        hand_out(authority, f"rafid-{name}", folder / name, name, *HOSTS)
    for name, user in everyone.items():
        hand_out(authority, user, folder / name)
    click.echo(f"{len(servers)} servers and {len(everyone)} processes have certificates in {folder}")
