"""Where Elasticsearch is and how to log in: one set of options for every command, one client made from it."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

import click

from streams.connect.kafka import readable_ca_file
from streams.connect.local_stack import local_addresses
from streams.errors import RafidError

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True, slots=True)
class ElasticSettings:
    """Addresses and credentials; `repr` never shows a secret."""

    urls: str
    api_key: str | None = dataclasses.field(default=None, repr=False)
    user: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)
    ca: str | None = None

    def client(self, **settings: Any) -> Elasticsearch:
        """Returns a client with bytes in and out, no compression and no retries of its own: outcomes.py decides those."""
        from elasticsearch import Elasticsearch, OrjsonSerializer  # noqa: PLC0415 - half a second, and help needs none of it

        from indexing.elastic.nodes import SharedNodePool  # noqa: PLC0415 - imports the client

        arguments: dict[str, Any] = {
            "serializer": OrjsonSerializer(),
            "node_pool_class": SharedNodePool,
            "request_timeout": 60,
            "max_retries": 0,
            "retry_on_timeout": False,
        }
        if self.api_key:
            arguments["api_key"] = self.api_key
        elif self.user:
            arguments["basic_auth"] = (self.user, self.password or "")
        if self.ca:
            arguments["ca_certs"] = self.ca
        return Elasticsearch(self.urls.split(","), **(arguments | settings))


def elastic_options(command: Command) -> Command:
    """Adds the options of an Elasticsearch client to a command, which receives them as one `elastic`."""
    return _with_options(command, is_needed=lambda _arguments: True)


def elastic_options_unless(*names: str) -> Callable[[Command], Command]:
    """Adds the same options; `elastic` is None when one of the named arguments is given, with which no server is asked."""
    return functools.partial(_with_options, is_needed=lambda arguments: not any(arguments[name] for name in names))


def _with_options(command: Command, is_needed: Callable[[dict[str, Any]], bool]) -> Command:
    @functools.wraps(command)
    def with_settings(
        *args: Any,
        elasticsearch: str | None,
        elasticsearch_api_key: str | None,
        elasticsearch_user: str | None,
        elasticsearch_password: str | None,
        elasticsearch_ca: str | None,
        **kwargs: Any,
    ) -> Any:
        if not is_needed(kwargs):
            return command(*args, elastic=None, **kwargs)
        urls = elasticsearch or local_addresses().get("elasticsearch")
        if not urls:
            raise RafidError("no Elasticsearch known: run `rafid local up`, or set --elasticsearch (RAFID_ELASTICSEARCH)")
        settings = ElasticSettings(urls, elasticsearch_api_key, elasticsearch_user, elasticsearch_password, elasticsearch_ca)
        return command(*args, elastic=settings, **kwargs)

    for option in reversed(_OPTIONS):
        with_settings = option(with_settings)
    return with_settings  # type: ignore[return-value]


def _nodes(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Returns the URLs without spaces around them, each with a port.

    They hold no password, since they are shown in messages.
    """
    if not value:
        return value
    urls = [url.strip() for url in value.split(",")]
    for url in urls:
        try:
            parts = urlsplit(url)
            is_node = bool(parts.scheme in ("http", "https") and parts.hostname and parts.port)
        except ValueError:
            is_node = False
        if not is_node:
            shown = url.rpartition("@")[2]
            raise click.BadParameter(f"{shown!r} is no URL of a node: give http[s]://host:port[,http[s]://host:port]")
        if parts.username is not None:
            raise click.BadParameter("a URL with a user in it: use --elasticsearch-user and RAFID_ELASTICSEARCH_PASSWORD")
    return ",".join(urls)


_FILE = click.Path(exists=True, dir_okay=False)
_OPTIONS = [
    click.option(
        "--elasticsearch",
        envvar="RAFID_ELASTICSEARCH",
        metavar="URL,...",
        callback=_nodes,
        help="Nodes to talk to. [default: the local stack]",
    ),
    click.option(
        "--elasticsearch-api-key", envvar="RAFID_ELASTICSEARCH_API_KEY", help="API key (base64); better given as the variable."
    ),
    click.option("--elasticsearch-user", envvar="RAFID_ELASTICSEARCH_USER", help="User name, when there is no API key."),
    click.option(
        "--elasticsearch-password", envvar="RAFID_ELASTICSEARCH_PASSWORD", help="Password; better given as the variable."
    ),
    click.option(
        "--elasticsearch-ca",
        envvar="RAFID_ELASTICSEARCH_CA",
        type=_FILE,
        callback=readable_ca_file,
        help="PEM file of the CA to trust.",
    ),
]
