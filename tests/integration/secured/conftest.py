"""A secured stack that the tests of this folder share: made afresh, with its topics and template, and gone afterwards."""

from __future__ import annotations

import dataclasses
import functools
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import stack as stacks
from deploy.local.security import Security
from deploy.security.certificates import ADMIN
from indexing.elastic.settings import ElasticSettings
from streams.connect.kafka import KafkaSettings
from streams.connect.local_stack import stack_directory
from tests.conftest import STACK
from tests.support.servers import ROOT, Worker

NAME = f"{STACK}-secured"


@dataclasses.dataclass(frozen=True)
class Secured:
    """The stack, seen as one of its principals sees it: through the file of variables that was made for it."""

    addresses: stacks.Addresses
    security: Security

    def variables(self, name: str) -> dict[str, str]:
        """The variables of a principal, or of NAME-tls for its other way to log in."""
        lines = shlex.split(self.security.environment_file(name).read_text())
        return dict(line.split("=", 1) for line in lines)

    def kafka(self, name: str) -> KafkaSettings:
        """Kafka as this principal."""
        given = self.variables(name)
        return KafkaSettings(
            given["RAFID_KAFKA"],
            security=given["RAFID_KAFKA_SECURITY"],
            username=given.get("RAFID_KAFKA_USER"),
            password=given.get("RAFID_KAFKA_PASSWORD"),
            ca=given["RAFID_KAFKA_CA"],
            certificate=given.get("RAFID_KAFKA_CERTIFICATE"),
            key=given.get("RAFID_KAFKA_KEY"),
        )

    def elastic(self, name: str) -> ElasticSettings:
        """Elasticsearch as this principal."""
        given = self.variables(name)
        return ElasticSettings(
            given["RAFID_ELASTICSEARCH"],
            api_key=given.get("RAFID_ELASTICSEARCH_API_KEY"),
            user=given.get("RAFID_ELASTICSEARCH_USER"),
            password=given.get("RAFID_ELASTICSEARCH_PASSWORD"),
            ca=given["RAFID_ELASTICSEARCH_CA"],
        )

    @functools.cached_property
    def kafka_admin(self) -> KafkaSettings:
        """Kafka as its administrator."""
        return self.security.by_certificate(ADMIN, self.variables("producer-tls")["RAFID_KAFKA"])

    def worker(self, stage: str, name: str, folder: Path, **also: str) -> Worker:
        """A worker's process, run by this principal."""
        return Worker(stage, self.kafka(name), folder, state=None, checkout=ROOT, **(self.variables(name) | also))

    def rafid(self, name: str, *arguments: str, **changed: str) -> subprocess.CompletedProcess[str]:
        """A command run to its end by this principal, with some of its variables changed."""
        return subprocess.run(
            [sys.executable, "-m", "rafid", *arguments],
            cwd=ROOT,
            env=without_ours() | self.variables(name) | changed,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )


def without_ours() -> dict[str, str]:
    """The environment without a variable that a command of ours reads."""
    return {name: value for name, value in os.environ.items() if not name.startswith("RAFID_")}


@pytest.fixture(scope="package")
def secured() -> Iterator[Secured]:
    """The stack, provisioned by the principal that may."""
    stacks.reset(NAME)  # a run that was cut off leaves its own, with the template of its day
    try:
        stack = Secured(stacks.up(NAME, secure=True), Security(stack_directory(NAME) / "security"))
        made = stack.rafid("provision", "provision")
        assert made.returncode == 0, made.stderr
        yield stack
    finally:
        stacks.reset(NAME)
        (stack_directory(NAME) / "lock").unlink()
        stack_directory(NAME).rmdir()


URL = "https://one.example/budget"
PAGE = (
    f'{{"url": "{URL}", "source": "one.example", "title": "وزير المالية يعلن موازنة العام المقبل", '
    '"text": "أعلن وزير المالية اليوم موازنة جديدة للعام المقبل وقال إن الحكومة ستزيد الإنفاق على التعليم والصحة.\\n'
    'وأضاف أن العجز سيتراجع إلى النصف خلال ثلاثة أعوام."}\n'
)
