"""`rafid produce serve` as a process, with a token that a client knows."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from producers.push.tokens import add_token
from streams.connect.kafka import KafkaSettings
from tests.support.servers import wait_until

ADDED_AT = "2026-11-22T18:25:43Z"


class PushServer:
    """A push server that listens, its log a file; `client` shows its token, which speaks for madar.example."""

    def __init__(self, kafka: KafkaSettings, folder: Path, *options: str) -> None:
        self.tokens = folder / "tokens.json"
        self.urls = folder / "urls.txt"
        self.log = folder / "serve.log"
        self.token = add_token(self.tokens, "madar", "madar.example", ADDED_AT)
        arguments = ["--port", "0", "--tokens", str(self.tokens), "--urls", str(self.urls), *options]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "rafid", "produce", "serve", *arguments],
                env=os.environ | {"RAFID_KAFKA": kafka.servers, "RAFID_NAMESPACE": kafka.namespace},
                stdin=subprocess.DEVNULL,
                stderr=log,
            )
        found = wait_until(self._listening, "a push server that listens")
        self.url: str = found[1]
        self.client = self.new_client()

    def _listening(self) -> re.Match[str] | None:
        said = self.log.read_text()
        found = re.search(r"listening on (http://\S+)\n", said)
        assert found or self.process.poll() is None, said
        return found

    def new_client(self) -> httpx.Client:
        """A client of one connection pool, which waits a minute for an answer."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}, timeout=60, trust_env=False)

    def end(self, number: int = signal.SIGTERM) -> int:
        """Its exit code after this signal."""
        self.client.close()
        self.process.send_signal(number)
        return self.process.wait(40)
