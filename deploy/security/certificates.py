"""A certificate authority of one stack, and the certificates that it signs: for servers of this machine and their clients."""

from __future__ import annotations

import dataclasses
import datetime
import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from trustme import CA

# Browsers and Java take any; a stack for trying out is not to end by a date. A server of your own is renewed by its owner.
VALID_DAYS = 3650
HOSTS = ("localhost", "127.0.0.1", "::1")
ADMIN = "rafid-admin"


@dataclasses.dataclass(frozen=True, slots=True)
class Certificate:
    """A key and its certificate as files in PEM: apart, and in one file as Kafka's servers take them."""

    certificate: Path
    key: Path
    both: Path


class Authority:
    """Signs certificates with a key that lies in `directory`, and is made there the first time."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, exist_ok=True)
        self.directory = directory
        self.ca_file = directory / "ca.pem"
        secret = directory / "ca.key"
        if not secret.exists():
            made = CA(organization_name="rafid", organization_unit_name="CA of a local stack")
            write_secret(self.ca_file, made.cert_pem.bytes())
            write_secret(secret, made.private_key_pem.bytes())  # last: with it both are there
        self._ca = CA.from_pem(self.ca_file.read_bytes(), secret.read_bytes())

    def certificate(self, name: str, *hosts: str, days: int = VALID_DAYS) -> Certificate:
        """Returns the certificate of `name`, its common name, for these hosts; made when it is not there.

        With negative `days` it has expired.
        """
        files = Certificate(*(self.directory / f"{name}.{kind}" for kind in ("pem", "key", "both.pem")))
        if not files.both.exists():
            until = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
            made = self._ca.issue_cert(
                *(hosts or (name,)),
                common_name=name,
                organization_name="rafid",
                organization_unit_name="local stack",
                not_after=until.replace(tzinfo=None),
            )
            key, chain = _pkcs8(made.private_key_pem.bytes()), b"".join(blob.bytes() for blob in made.cert_chain_pems)
            write_secret(files.certificate, chain)
            write_secret(files.key, key)
            write_secret(files.both, key + chain)
        return files


def hand_out(authority: Authority, name: str, folder: Path, *hosts: str) -> None:
    """Fills a folder with all that one process logs in with: `ca.pem`, `certificate.pem`, `key.pem`, `both.pem` for Kafka.

    Any user may read the files, because each container has another: the folder is for this process alone. One that is made
    here is its owner's.
    """
    pair = authority.certificate(name, *hosts)
    folder.mkdir(mode=0o700, exist_ok=True)
    for source, file in (
        (authority.ca_file, "ca.pem"),
        (pair.certificate, "certificate.pem"),
        (pair.key, "key.pem"),
        (pair.both, "both.pem"),
    ):
        if not (folder / file).exists() or (folder / file).read_bytes() != source.read_bytes():
            write_secret(folder / file, source.read_bytes())
        (folder / file).chmod(0o444)


def write_secret(path: Path, content: bytes) -> None:
    """Writes the content whole, into a file that no one but its owner may read."""
    scratch = path.with_name(path.name + ".new")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600, exist_ok=False)
    with scratch.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _pkcs8(key: bytes) -> bytes:
    """Returns the key in the one form that Kafka reads."""
    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
