"""`rafid produce serve` against its own OpenAPI document: whatever is sent, the answer is one that the document names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import BaseSchema, Case, CheckFunction, GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from deploy.local.stack import Addresses
from tests.conftest import fresh_namespace, fresh_topics
from tests.support.push_server import PushServer

# Records are taken as others write them, so what the document would not have may be taken; and a text of blanks, which it
# would have, is no page.
LENIENT: list[CheckFunction] = [negative_data_rejection, positive_data_acceptance]


@pytest.fixture(scope="module")
def server(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushServer]:
    """A server whose pages nobody looks at."""
    with fresh_topics(stack, fresh_namespace()) as kafka:
        running = PushServer(kafka, tmp_path_factory.mktemp("serve"))
        yield running
        assert running.end() == 0


@pytest.mark.parametrize("examples", [25, pytest.param(2_000, marks=[pytest.mark.soak, pytest.mark.timeout(3_600)])])
@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_one_that_the_document_names(server: PushServer, mode: GenerationMode, examples: int) -> None:
    session = requests.Session()
    session.trust_env = False
    document: BaseSchema = schemathesis.openapi.from_dict(session.get(f"{server.url}/openapi.json").json())
    answered: set[str] = set()

    @given(case=document.include(method="POST").as_strategy(generation_mode=mode))
    @settings(max_examples=examples, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    def is_answered(case: Case[Any]) -> None:
        headers = {"Authorization": f"Bearer {server.token}"}
        case.call_and_validate(server.url, session, headers, excluded_checks=LENIENT)
        answered.add(case.path)

    is_answered()
    session.close()

    assert answered == {"/pages", "/urls"}
