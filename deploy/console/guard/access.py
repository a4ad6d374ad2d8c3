"""Who is asking: tokens with roles, sessions of browsers, a proxy's word, and proof that a form is ours."""

from __future__ import annotations

import collections
import dataclasses
import hashlib
import hmac
import ipaddress
import re
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal

from starlette.requests import HTTPConnection

from streams.errors import RafidError

Role = Literal["reader", "operator"]
SESSION_S: Final = 12 * 3600
MOST_SESSIONS: Final = 10_000
SHORTEST_TOKEN: Final = 16  # characters: 64 bits where they are hexadecimal digits, too many to try over a network
COOKIE: Final = "rafid_session"
VISITOR: Final = "rafid_visitor"
_LINE = re.compile(r"(?P<name>[\w.@-]{1,100})\s+(?P<role>reader|operator)\s+(?P<sha256>[0-9a-f]{64})")


@dataclasses.dataclass(frozen=True, slots=True)
class Identity:
    """A person or program that may ask: a name, a role, and what a proof of its forms is bound to."""

    name: str
    role: Role
    bound_to: str


@dataclasses.dataclass(frozen=True, slots=True)
class Token:
    """A secret of which only the hash is kept."""

    name: str
    role: Role
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that has done the login: its addresses, the header with the name, and which names have which role."""

    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    header: str
    roles: Mapping[str, Role]


@dataclasses.dataclass(frozen=True, slots=True)
class _Session:
    name: str
    role: Role
    ends_s: float


class Access:
    """Decides who asks. Without tokens and proxy everybody who reaches the server is `everybody`, for loopback only."""

    def __init__(self, tokens: tuple[Token, ...] = (), proxy: Proxy | None = None, everybody: Role = "reader") -> None:
        self._tokens, self._proxy, self._everybody = tokens, proxy, everybody
        self._secret = secrets.token_bytes(32)
        self._sessions: collections.OrderedDict[str, _Session] = collections.OrderedDict()

    @property
    def asks_for_login(self) -> bool:
        """Whether a reader must show who it is."""
        return bool(self._tokens or self._proxy)

    @property
    def has_tokens(self) -> bool:
        """Whether a token opens a session here."""
        return bool(self._tokens)

    def identify(self, asked: HTTPConnection) -> Identity | None:
        """Returns who asks; None when nobody may be meant."""
        if not self.asks_for_login:
            return Identity("", self._everybody, asked.scope.get("visitor", ""))
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            found = self._token(token.strip())
            return Identity(found.name, found.role, "") if found else None
        return self._of_session(asked.cookies.get(COOKIE, "")) or self._of_proxy(asked)

    def open_session(self, token: str) -> str | None:
        """Returns the cookie of a new session for the holder of this token; None for any other text."""
        found = self._token(token)
        if found is None:
            return None
        cookie = secrets.token_urlsafe(32)
        self._sessions[_sha256(cookie)] = _Session(found.name, found.role, time.monotonic() + SESSION_S)
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)
        return cookie

    def close_session(self, cookie: str) -> None:
        """Ends the session of this cookie."""
        self._sessions.pop(_sha256(cookie), None)

    def proof(self, identity: Identity) -> str:
        """Returns what a form of this reader carries: nobody else's page can know it."""
        return hmac.new(self._secret, f"{identity.name}\0{identity.bound_to}".encode(), hashlib.sha256).hexdigest()

    def proves(self, identity: Identity, proof: str) -> bool:
        """Tells whether a form came from a page that this reader was given."""
        return bool(identity.bound_to) and hmac.compare_digest(self.proof(identity).encode(), proof.encode())

    def _token(self, token: str) -> Token | None:
        """Returns the token of this secret; compares every hash, so that the time says nothing."""
        digest = _sha256(token)
        matching = [known for known in self._tokens if hmac.compare_digest(known.sha256, digest)]
        return matching[0] if matching else None

    def _of_session(self, cookie: str) -> Identity | None:
        session = self._sessions.get(_sha256(cookie)) if cookie else None
        if session is None or session.ends_s < time.monotonic():
            return None
        return Identity(session.name, session.role, cookie)

    def _of_proxy(self, asked: HTTPConnection) -> Identity | None:
        proxy = self._proxy
        if proxy is None or asked.client is None:
            return None
        try:
            address = ipaddress.ip_address(asked.client.host)
        except ValueError:
            return None
        names = asked.headers.getlist(proxy.header)
        if len(names) != 1 or not any(address in network for network in proxy.networks):
            return None
        role = proxy.roles.get(names[0])
        return Identity(names[0], role, asked.scope.get("visitor", "")) if role else None


def read_tokens(path: Path) -> tuple[Token, ...]:
    """Returns the tokens of a file, one a line: NAME ROLE SHA256; `#` begins a comment. Raises RafidError, with the line."""
    tokens = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        found = _LINE.fullmatch(text)
        if found is None:
            raise RafidError(f"{path}:{number}: NAME ROLE SHA256 was expected: `rafid console --new-token` makes one")
        tokens.append(Token(found["name"], "operator" if found["role"] == "operator" else "reader", found["sha256"]))
    if not tokens:
        raise RafidError(f"{path} holds no token: `rafid console --new-token NAME:reader` makes one")
    return tuple(tokens)


def tokens_of_logins(logins: tuple[str, ...]) -> tuple[Token, ...]:
    """Returns the tokens of logins NAME:ROLE:TOKEN; the RafidError of a wrong one says which one it is, never its text."""
    tokens = []
    for number, login in enumerate(logins, 1):
        name, _, rest = login.partition(":")
        role, _, secret = rest.partition(":")
        line = _LINE.fullmatch(f"{name} {role} {_sha256(secret)}")
        if line is None or len(secret) < SHORTEST_TOKEN:
            raise RafidError(
                f"login {number} is no NAME:reader:TOKEN or NAME:operator:TOKEN; a token has {SHORTEST_TOKEN} characters or more"
            )
        tokens.append(Token(line["name"], "operator" if line["role"] == "operator" else "reader", line["sha256"]))
    return tuple(tokens)


def new_token(name: str, role: str) -> tuple[str, str]:
    """Returns a new secret, and the line of a tokens file that knows it by its hash."""
    token = secrets.token_urlsafe(32)
    return token, f"{name} {role} {_sha256(token)}"


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
