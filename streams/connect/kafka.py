"""Where Kafka is and how to log in: one set of options for every command, one value for every client."""

from __future__ import annotations

import dataclasses
import functools
import re
import ssl
from collections.abc import Callable
from typing import Any, TypeVar

import click

from streams.connect.local_stack import local_addresses
from streams.errors import RafidError

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclasses.dataclass(frozen=True, slots=True)
class KafkaSettings:
    """Addresses, credentials and the namespace of the topics; `repr` never shows a secret."""

    servers: str
    namespace: str = "news"
    security: str = "PLAINTEXT"
    mechanism: str = "SCRAM-SHA-512"
    username: str | None = None
    password: str | None = dataclasses.field(default=None, repr=False)
    ca: str | None = None
    certificate: str | None = None
    key: str | None = None

    def client(self) -> dict[str, Any]:
        """Returns the keyword arguments of any kafka-python client."""
        settings: dict[str, Any] = {"bootstrap_servers": self.servers.split(","), "security_protocol": self.security}
        if self.security.startswith("SASL"):
            settings |= {
                "sasl_mechanism": self.mechanism,
                "sasl_plain_username": self.username,
                "sasl_plain_password": self.password,
            }
        if self.security.endswith("SSL"):
            settings["ssl_context"] = self.ssl_context()
        return settings

    def ssl_context(self) -> ssl.SSLContext:
        """Returns the TLS context that trusts `ca` (default: the system's) and shows our certificate, if any."""
        context = ssl.create_default_context(cafile=self.ca)
        if self.certificate:
            context.load_cert_chain(self.certificate, self.key)
        return context


def kafka_options(command: Command) -> Command:
    """Adds the options of a Kafka client to a command, which receives them as one `kafka: KafkaSettings`."""
    return _with_options(command, is_needed=lambda _arguments: True)


def kafka_options_unless(*names: str) -> Callable[[Command], Command]:
    """Adds the same options; `kafka` is None when one of the named arguments is given, which the command reads instead."""
    return functools.partial(_with_options, is_needed=lambda arguments: not any(arguments[name] for name in names))


def _with_options(command: Command, is_needed: Callable[[dict[str, Any]], bool]) -> Command:
    @functools.wraps(command)
    def with_settings(
        *args: Any,
        kafka: str | None,
        namespace: str,
        kafka_security: str,
        kafka_mechanism: str,
        kafka_user: str | None,
        kafka_password: str | None,
        kafka_ca: str | None,
        kafka_certificate: str | None,
        kafka_key: str | None,
        **kwargs: Any,
    ) -> Any:
        if not is_needed(kwargs):
            return command(*args, kafka=None, **kwargs)
        servers = kafka or local_addresses().get("kafka")
        if not servers:
            raise RafidError("no Kafka known: run `rafid local up`, or set --kafka (RAFID_KAFKA) to host:port[,host:port]")
        settings = KafkaSettings(
            servers=servers,
            namespace=namespace,
            security=kafka_security,
            mechanism=kafka_mechanism,
            username=kafka_user,
            password=kafka_password,
            ca=kafka_ca,
            certificate=kafka_certificate,
            key=kafka_key,
        )
        _require_certificate(settings)
        return command(*args, kafka=settings, **kwargs)

    for option in reversed(_OPTIONS):
        with_settings = option(with_settings)
    return with_settings  # type: ignore[return-value]


def readable_ca_file(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Returns the CA file that an option names, when TLS can read it; raises BadParameter otherwise."""
    if value is not None:
        try:
            ssl.create_default_context(cafile=value)
        except OSError as exc:  # an SSLError is one
            raise click.BadParameter(f"{value} holds no certificate in PEM ({exc.strerror})") from None
    return value


def _require_certificate(settings: KafkaSettings) -> None:
    try:
        if settings.certificate and settings.security.endswith("SSL"):
            settings.ssl_context()
    except OSError as exc:
        files = " with ".join(filter(None, (settings.certificate, settings.key)))
        raise click.BadParameter(
            f"{files} is no certificate and its key in PEM ({exc.strerror})", param_hint="--kafka-certificate"
        ) from None


def _brokers(_context: click.Context, _option: click.Parameter, value: str | None) -> str | None:
    """Returns the addresses without spaces around them; a port that is left out is the client's to choose."""
    if not value:
        return value
    servers = [server.strip() for server in value.split(",")]
    for server in servers:
        match = _BROKER.fullmatch(server)
        if not match or not 0 < int(match["port"] or 9092) < 1 << 16:
            raise click.BadParameter(f"{server!r} is no address of a broker: give host:port[,host:port]")
    return ",".join(servers)


_BROKER = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>[0-9]{1,5}))?")
_FILE = click.Path(exists=True, dir_okay=False)
_OPTIONS = [
    click.option(
        "--kafka",
        envvar="RAFID_KAFKA",
        metavar="HOST:PORT,...",
        callback=_brokers,
        help="Brokers to start from. [default: the local stack]",
    ),
    click.option(
        "--namespace", envvar="RAFID_NAMESPACE", default="news", show_default=True, help="Prefix of topics and indices."
    ),
    click.option(
        "--kafka-security",
        envvar="RAFID_KAFKA_SECURITY",
        default="PLAINTEXT",
        show_default=True,
        type=click.Choice(["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]),
        help="How to talk to the brokers.",
    ),
    click.option(
        "--kafka-mechanism",
        envvar="RAFID_KAFKA_MECHANISM",
        default="SCRAM-SHA-512",
        show_default=True,
        type=click.Choice(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]),
        help="SASL mechanism.",
    ),
    click.option("--kafka-user", envvar="RAFID_KAFKA_USER", help="SASL user name."),
    click.option("--kafka-password", envvar="RAFID_KAFKA_PASSWORD", help="SASL password; better given as the variable."),
    click.option(
        "--kafka-ca", envvar="RAFID_KAFKA_CA", type=_FILE, callback=readable_ca_file, help="PEM file of the trusted CA."
    ),
    click.option("--kafka-certificate", envvar="RAFID_KAFKA_CERTIFICATE", type=_FILE, help="PEM file of our certificate."),
    click.option("--kafka-key", envvar="RAFID_KAFKA_KEY", type=_FILE, help="PEM file of its key."),
]
