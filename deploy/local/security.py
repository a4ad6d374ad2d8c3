"""Who is let into a secured stack: its certificates, passwords and keys, all in one folder that only its owner may read."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
import secrets
import shlex
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.security.certificates import ADMIN, HOSTS, Authority, write_secret
from deploy.security.rights import Principal
from indexing.elastic.settings import ElasticSettings
from streams.connect.kafka import KafkaSettings

BROKER = "rafid-broker"
_ITERATIONS = 10_000  # Elasticsearch's own for this kind of hash; the passwords are random and long


@dataclasses.dataclass(frozen=True, slots=True)
class Security:
    """The folder of a stack's secrets, made when it is first asked for something."""

    directory: Path

    def authority(self) -> Authority:
        """Returns who signs the stack's certificates."""
        return Authority(self.directory)

    def install_in_kafka(self, home: Path) -> dict[str, str]:
        """Puts the broker's certificate into its folder; returns what its configuration says of it."""
        authority = self.authority()
        pair = authority.certificate(BROKER, *HOSTS)
        write_secret(home / "certificate.pem", pair.both.read_bytes())
        write_secret(home / "ca.pem", authority.ca_file.read_bytes())
        return {
            "certificate": str(home / "certificate.pem"),
            "ca": str(home / "ca.pem"),
            "broker": BROKER,
            "admin": ADMIN,
        }

    def install_in_elasticsearch(self, config: Path) -> None:
        """Puts the node's certificate and its first user, the administrator, into its folder of configuration."""
        authority = self.authority()
        pair = authority.certificate("rafid-elasticsearch", *HOSTS)
        certs = config / "certs"
        certs.mkdir(exist_ok=True)
        write_secret(certs / "server.pem", pair.certificate.read_bytes())
        write_secret(certs / "server.key", pair.key.read_bytes())
        write_secret(certs / "ca.pem", authority.ca_file.read_bytes())
        write_secret(config / "users", f"{ADMIN}:{_hashed(self.password(ADMIN))}\n".encode())
        write_secret(config / "users_roles", f"superuser:{ADMIN}\n".encode())

    def admin(self, address: str) -> KafkaSettings:
        """Returns the login of Kafka's administrator, by its certificate, at the address for those."""
        return self.by_certificate(ADMIN, address)

    def elastic_admin(self, url: str) -> ElasticSettings:
        """Returns the login of Elasticsearch's administrator."""
        return ElasticSettings(url, user=ADMIN, password=self.password(ADMIN), ca=str(self.authority().ca_file))

    def by_password(self, user: str, address: str) -> KafkaSettings:
        """Returns the login of a user of Kafka by SCRAM-SHA-512."""
        ca = str(self.authority().ca_file)
        return KafkaSettings(address, security="SASL_SSL", username=user, password=self.password(user), ca=ca)

    def by_certificate(self, user: str, address: str) -> KafkaSettings:
        """Returns the login of a user of Kafka by its certificate."""
        authority = self.authority()
        pair = authority.certificate(user)
        return KafkaSettings(
            address, security="SSL", ca=str(authority.ca_file), certificate=str(pair.certificate), key=str(pair.key)
        )

    def basic(self) -> str:
        """Returns the administrator's header `Authorization` for Elasticsearch."""
        return "Basic " + base64.b64encode(f"{ADMIN}:{self.password(ADMIN)}".encode()).decode()

    def trust(self) -> ssl.SSLContext:
        """Returns a context that trusts the stack's servers alone."""
        return ssl.create_default_context(cafile=str(self.authority().ca_file))

    def password(self, user: str) -> str:
        """Returns the password of a user, made up the first time."""
        return self._kept("passwords", user) or self.keep("passwords", user, secrets.token_urlsafe(32))

    def api_key(self, user: str) -> str:
        """Returns the encoded API key of a user; empty when there is none."""
        return self._kept("api_keys", user)

    def api_key_id(self, user: str) -> str:
        """Returns the id of that key; empty when there is none."""
        return base64.b64decode(self.api_key(user)).decode().partition(":")[0]

    def keep(self, kind: str, user: str, secret: str) -> str:
        """Returns the secret, which is on disk by then."""
        self.authority()  # makes the folder
        known = self._read()
        known.setdefault(kind, {})[user] = secret
        write_secret(self.directory / "secrets.json", json.dumps(known).encode())
        return secret

    def _kept(self, kind: str, user: str) -> str:
        kept: str = self._read().get(kind, {}).get(user, "")
        return kept

    def _read(self) -> dict[str, Any]:
        path = self.directory / "secrets.json"
        known: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return known

    def write_environments(self, principal: Principal, addresses: Mapping[str, str]) -> None:
        """Writes two files of variables, for a shell and for systemd, that say how the principal logs in.

        `NAME.env` is for its password and its API key, `NAME-tls.env` for its certificate and its user of Elasticsearch.
        `addresses` are those of `kafka`, `kafka_tls` and `elasticsearch`.
        """
        password = self.by_password(principal.user, addresses["kafka"])
        certificate = self.by_certificate(principal.user, addresses["kafka_tls"])
        elastic = {"RAFID_ELASTICSEARCH": addresses["elasticsearch"], "RAFID_ELASTICSEARCH_CA": str(self.authority().ca_file)}
        by_key = elastic | {"RAFID_ELASTICSEARCH_API_KEY": self.api_key(principal.user)}
        by_user = elastic | {
            "RAFID_ELASTICSEARCH_USER": principal.user,
            "RAFID_ELASTICSEARCH_PASSWORD": self.password(principal.user),
        }
        self._write_environment(principal.name, _variables(password) | (by_key if principal.role else {}))
        self._write_environment(f"{principal.name}-tls", _variables(certificate) | (by_user if principal.role else {}))

    def environment_file(self, name: str) -> Path:
        """Returns where the variables of a principal are, by its name or with `-tls` behind it."""
        return self.directory / f"{name}.env"

    def _write_environment(self, name: str, variables: Mapping[str, str]) -> None:
        lines = [f"{variable}={shlex.quote(value)}\n" for variable, value in variables.items()]
        write_secret(self.environment_file(name), "".join(lines).encode())


def _variables(login: KafkaSettings) -> dict[str, str]:
    given = {
        "RAFID_KAFKA": login.servers,
        "RAFID_KAFKA_SECURITY": login.security,
        "RAFID_KAFKA_USER": login.username,
        "RAFID_KAFKA_PASSWORD": login.password,
        "RAFID_KAFKA_CA": login.ca,
        "RAFID_KAFKA_CERTIFICATE": login.certificate,
        "RAFID_KAFKA_KEY": login.key,
    }
    return {variable: value for variable, value in given.items() if value is not None}


def _hashed(password: str) -> str:
    """Returns the password as Elasticsearch's file of users has it: PBKDF2 with SHA-512, its iterations, salt and 256 bits."""
    salt = secrets.token_bytes(32)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, dklen=32)
    return "{{PBKDF2}}{}${}${}".format(_ITERATIONS, *(base64.b64encode(part).decode() for part in (salt, digest)))
