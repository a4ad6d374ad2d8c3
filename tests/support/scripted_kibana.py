"""The import of saved objects as Kibana documents it, over HTTP: objects are kept, conflicts and missing references named."""

from __future__ import annotations

import email.parser
import email.policy
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

Key = tuple[str, str, str]  # space, type, id


@dataclass
class ScriptedKibana:
    """What the server holds and how it is to behave."""

    url: str = ""
    authorization: str | None = None
    objects: dict[Key, dict[str, Any]] = field(default_factory=dict)
    spaces: tuple[str, ...] = ("default",)
    unknown_types: tuple[str, ...] = ()
    requests: list[dict[str, str]] = field(default_factory=list)

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, Any]]:
        """The status and JSON of a request."""
        self.requests.append(headers)
        parts = urlsplit(path)
        space, route = "default", parts.path
        if route.startswith("/s/"):
            space, _, rest = route[3:].partition("/")
            route = f"/{rest}"
        if self.authorization and headers.get("authorization") != self.authorization:
            return 401, {"statusCode": 401, "error": "Unauthorized", "message": "unable to authenticate"}
        if "kbn-xsrf" not in headers:
            return 400, {"statusCode": 400, "error": "Bad Request", "message": "Request must contain a kbn-xsrf header."}
        if space not in self.spaces or route != "/api/saved_objects/_import":
            return 404, {"statusCode": 404, "error": "Not Found", "message": "Not Found"}
        return self._import(space, headers, body, overwrite=parse_qs(parts.query).get("overwrite") == ["true"])

    def _import(self, space: str, headers: dict[str, str], body: bytes, *, overwrite: bool) -> tuple[int, dict[str, Any]]:
        parser = email.parser.BytesParser(policy=email.policy.HTTP)
        message = parser.parsebytes(f"Content-Type: {headers['content-type']}\r\n\r\n".encode() + body)
        (part,) = message.iter_parts()
        if not (part.get_filename() or "").endswith(".ndjson") or part.get_param("name", header="content-disposition") != "file":
            return 400, {"statusCode": 400, "error": "Bad Request", "message": "Invalid file extension"}
        payload = part.get_payload(decode=True)
        assert isinstance(payload, bytes)
        given = [json.loads(line) for line in payload.splitlines() if line.strip()]
        here = {(saved["type"], saved["id"]) for saved in given} | {key[1:] for key in self.objects if key[0] == space}
        errors, taken = [], 0
        for saved in given:
            missing = [each for each in saved["references"] if (each["type"], each["id"]) not in here]
            error: dict[str, Any] | None = None
            if saved["type"] in self.unknown_types:
                error = {"type": "unsupported_type"}
            elif missing:
                error = {"type": "missing_references", "references": missing}
            elif (space, saved["type"], saved["id"]) in self.objects and not overwrite:
                error = {"type": "conflict"}
            if error:
                errors.append({"id": saved["id"], "type": saved["type"], "error": error})
            else:
                self.objects[space, saved["type"], saved["id"]] = saved
                taken += 1
        return 200, {"success": not errors, "successCount": taken, **({"errors": errors} if errors else {})}


@contextmanager
def scripted_kibana(certificate: Path | None = None, **settings: Any) -> Iterator[ScriptedKibana]:
    """A server on a free port of the loopback; with a file of a key and its certificate it speaks TLS."""
    kibana = ScriptedKibana(**settings)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = kibana.answer(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            data = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        kibana.url = f"http{'s' if certificate else ''}://127.0.0.1:{server.server_address[1]}"
        try:
            yield kibana
        finally:
            server.shutdown()
            thread.join()
