"""Who may push: bearer tokens in a file that holds only their hashes, read again when it changes."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import tempfile
from pathlib import Path

import msgspec

from streams.errors import RafidError


class Token(msgspec.Struct, frozen=True):
    """A token's SHA-256 in hexadecimal, the source its pages get (any they name when None), and when it was added."""

    sha256: str
    added_at: str
    source: str | None = None


Tokens = dict[str, Token]
_DECODER = msgspec.json.Decoder(Tokens)
_BYTES = 32
SHORTEST = 16  # characters of a token that is given: 64 bits where they are hexadecimal digits, too many to try over a network


def read_tokens(path: Path) -> Tokens:
    """Returns the tokens in this file by name, none when there is no file; raises RafidError when it holds something else."""
    try:
        return _DECODER.decode(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as exc:
        raise RafidError(f"{path} holds no tokens ({exc})") from None


def add_token(path: Path, name: str, source: str | None, added_at: str) -> str:
    """Adds a token of this name to the file and returns it; it is stored nowhere. Raises RafidError when the name is taken."""
    tokens = read_tokens(path)
    if name in tokens:
        raise RafidError(f"there is a token {name!r} already: revoke it first")
    secret = secrets.token_urlsafe(_BYTES)
    _write(path, tokens | {name: Token(_hash(secret), added_at, source)})
    return secret


def revoke_token(path: Path, name: str) -> None:
    """Takes a token out of the file; raises RafidError when there is none of this name."""
    tokens = read_tokens(path)
    if name not in tokens:
        raise RafidError(f"no token {name!r} in {path}")
    _write(path, {other: token for other, token in tokens.items() if other != name})


def tokens_of_logins(logins: tuple[str, ...], added_at: str) -> Tokens:
    """Returns the tokens of logins NAME:TOKEN; the RafidError of a wrong one says which one it is, never its text."""
    tokens = {}
    for number, login in enumerate(logins, 1):
        name, _, secret = login.partition(":")
        if not name or len(secret) < SHORTEST:
            raise RafidError(f"login {number} is no NAME:TOKEN; a token has {SHORTEST} characters or more")
        tokens[name] = Token(_hash(secret), added_at)
    return tokens


class TokenFile:
    """The tokens of a file as it is now, and those given beside: a revoked one is refused from the next request on."""

    def __init__(self, path: Path, given: Tokens | None = None) -> None:
        self._path, self._given = path, given or {}
        self._tokens = read_tokens(path)
        self._changed_ns = self._change()

    def holder(self, authorization: str) -> tuple[str, Token] | None:
        """Returns the name and token of the holder of an `Authorization` header; None when it holds no valid token."""
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer":
            return None
        if (changed_ns := self._change()) != self._changed_ns:
            self._tokens, self._changed_ns = read_tokens(self._path), changed_ns
        digest = _hash(secret.strip())
        found = None
        for name, token in (*self._tokens.items(), *self._given.items()):  # all of them: the time says nothing of which one
            if hmac.compare_digest(token.sha256, digest):
                found = (name, token)
        return found

    def _change(self) -> int:
        try:
            return self._path.stat().st_mtime_ns
        except FileNotFoundError:
            return 0


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _write(path: Path, tokens: Tokens) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # readable by its owner alone
    with os.fdopen(handle, "wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(tokens)) + b"\n")
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
