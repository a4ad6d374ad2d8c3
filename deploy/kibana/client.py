"""Kibana's import of saved objects over HTTP: one request, and each thing that went wrong as one line."""

from __future__ import annotations

import base64
import ssl
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson

from streams.errors import RafidError

ANSWER_S = 120.0


@dataclass(frozen=True, slots=True)
class KibanaSettings:
    """Where Kibana is, which space, and who asks; `repr` never shows a secret."""

    url: str
    space: str | None = None
    api_key: str | None = field(default=None, repr=False)
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = None

    def headers(self) -> dict[str, str]:
        """Returns the headers of a request: who asks, and that the request is meant (Kibana refuses it otherwise)."""
        headers = {"kbn-xsrf": "rafid"}
        if self.api_key:
            headers["Authorization"] = f"ApiKey {self.api_key}"
        elif self.user:
            pair = base64.b64encode(f"{self.user}:{self.password or ''}".encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
        return headers

    def address(self, path: str) -> str:
        """Returns the URL of a path of the API, in the space."""
        space = f"/s/{quote(self.space, safe='')}" if self.space else ""
        return f"{self.url.rstrip('/')}{space}{path}"


class ImportFailed(RafidError):
    """Kibana did not take every object; `lines` says one thing each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def import_objects(settings: KibanaSettings, ndjson: bytes, count: int, *, overwrite: bool = True) -> int:
    """Imports the objects and returns how many Kibana took, which is `count`.

    Kibana answers 200 to a partial failure too: `success`, `errors` and the count are checked. Raises ImportFailed.
    """
    boundary = uuid.uuid4().hex
    body = (
        (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="rafid.ndjson"\r\n'
            "Content-Type: application/ndjson\r\n\r\n"
        ).encode()
        + ndjson
        + f"\r\n--{boundary}--\r\n".encode()
    )
    request = urllib.request.Request(  # noqa: S310 - the scheme is checked where the option is read
        settings.address(f"/api/saved_objects/_import?overwrite={str(overwrite).lower()}"),
        data=body,
        headers=settings.headers() | {"Content-Type": f"multipart/form-data; boundary={boundary}"},
        method="POST",
    )
    answer = _asked(settings, request)
    errors = [error_line(error) for error in answer.get("errors") or []]
    if errors or answer.get("success") is not True:
        raise ImportFailed(errors or [f"Kibana at {settings.url} did not import: {_short(answer)}"])
    taken = answer.get("successCount")
    if taken != count:
        raise ImportFailed([f"Kibana at {settings.url} took {taken} of {count} objects, and names no error"])
    return count


def error_line(error: dict[str, Any]) -> str:
    """Returns one line for an error of an import: which object, and why."""
    name = f"{error.get('type', 'object')} {error.get('id', '?')}"
    why: dict[str, Any] = error.get("error") or {}
    match why.get("type"):
        case "conflict":
            return f"{name}: there is one already; import with --overwrite"
        case "ambiguous_conflict":
            return f"{name}: several objects were copied from one of this id; delete them or import into another space"
        case "missing_references":
            missing = ", ".join(f"{each.get('type')} {each.get('id')}" for each in why.get("references", []))
            return f"{name}: refers to what is not there: {missing}"
        case "unsupported_type":
            return f"{name}: this Kibana knows no such type"
        case _:
            return f"{name}: {why.get('message') or why.get('type') or _short(error)}"


def _asked(settings: KibanaSettings, request: urllib.request.Request) -> dict[str, Any]:
    context = ssl.create_default_context(cafile=settings.ca) if request.type == "https" else None
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_S, context=context) as response:  # noqa: S310
            data = response.read()
    except urllib.error.HTTPError as exc:
        raise ImportFailed([_refusal(settings, exc.code, exc.read())]) from None
    except (urllib.error.URLError, OSError) as exc:
        raise ImportFailed([f"Kibana does not answer at {settings.url}: {getattr(exc, 'reason', exc)}"]) from None
    try:
        answer = orjson.loads(data)
    except orjson.JSONDecodeError:
        answer = None
    if not isinstance(answer, dict):
        raise ImportFailed([f"{settings.url} answers with something else than JSON: is Kibana there?"])
    return answer


def _refusal(settings: KibanaSettings, status: int, data: bytes) -> str:
    try:
        reason = orjson.loads(data).get("message", "")
    except (orjson.JSONDecodeError, AttributeError):
        reason = data[:200].decode(errors="replace")
    what = {
        401: "no such user, password or API key",
        403: "this user may not write saved objects here",
        404: f"no such space or no Kibana at this address (space {settings.space or 'default'})",
        413: "the file is larger than savedObjects.maxImportPayloadBytes",
        503: "Kibana is not ready yet",
    }.get(status, "the import was refused")
    return f"Kibana at {settings.url}: {status}, {what}" + (f" ({reason})" if reason else "")


def _short(value: Any) -> str:
    return orjson.dumps(value).decode()[:300]
