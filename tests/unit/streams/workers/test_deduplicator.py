from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from streams.dead_letters.envelope import Reason
from streams.dedup.notice import notice
from streams.dedup.register import Register
from streams.records import Article, Role
from streams.runtime.lifecycle import Process
from streams.runtime.settings import ShellSettings
from streams.topics import topics
from streams.workers.deduplicator import Deduplicator, read_notice
from streams.workers.rejections import ARTICLE_BYTES, Rejected
from streams.workers.running import Failure

ARTICLE = Article(id="0f" * 16, page_id="0f" * 16, role="main", body="نص", source="s", fetched_at="2026-11-22T18:25:43Z")
NOTICE = notice(ARTICLE, 1_763_836_123_045, (7, 123))
KEY = bytes.fromhex(ARTICLE.id)


def message(key: bytes | None = KEY, value: bytes | None = b"{}", told: bytes | None = NOTICE.to_bytes()) -> Any:
    headers = () if told is None else (("notice", told),)
    return SimpleNamespace(topic="news.articles", partition=0, offset=5, timestamp=0.0, headers=headers, key=key, value=value)


def test_an_article_is_read_by_its_notice_alone() -> None:
    assert read_notice(message(value=b"no JSON at all")) == NOTICE


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"value": None}, Reason.MALFORMED_ARTICLE),
        ({"value": bytes(ARTICLE_BYTES + 1)}, Reason.ARTICLE_TOO_LARGE),
        ({"told": None}, Reason.MALFORMED_NOTICE),
        ({"told": b""}, Reason.MALFORMED_NOTICE),
        ({"told": b"\xff" + NOTICE.to_bytes()[1:]}, Reason.MALFORMED_NOTICE),
        ({"told": NOTICE.to_bytes()[:-1]}, Reason.MALFORMED_NOTICE),
        ({"key": None}, Reason.MALFORMED_NOTICE),
        ({"key": b"\x00" * 16}, Reason.MALFORMED_NOTICE),
        ({"key": KEY + b"\x00"}, Reason.MALFORMED_NOTICE),
    ],
)
def test_a_message_that_cannot_be_judged_is_refused_with_its_reason(broken: dict[str, Any], reason: Reason) -> None:
    with pytest.raises(Rejected) as refused:
        read_notice(message(**broken))

    assert refused.value.reason == reason


@given(st.binary(max_size=300))
def test_no_notice_makes_the_worker_stop(told: bytes) -> None:
    with pytest.raises(Rejected):
        read_notice(message(told=told))


class Table(dict[bytes, bytes]):
    """The register's table without a server: what it stores is all that is asked of it."""

    def follow(self, **_: object) -> None: ...

    def on_recover(self, _: object) -> None: ...

    def changelog_acknowledged(self, offset: int) -> None: ...


@pytest.mark.parametrize(
    ("role", "body", "days", "must_wait"),
    [("main", "نص", 0, False), ("main", "نص", 2, True), ("main", "نص آخر", 0, True), ("read_also", "نص آخر", 0, False)],
)
def test_a_repeated_article_waits_for_delivery_only_where_its_entry_is_written_again(
    role: Role, body: str, days: int, must_wait: bool
) -> None:
    def told(text: str, offset: int, at: int) -> Any:
        article = replace(ARTICLE, role=role, body=text)
        return message(told=notice(article, at, (7, offset)).to_bytes())

    table: Any = Table()
    deduplicator = Deduplicator(SimpleNamespace(), table, topics("news"), Failure(), Process("dedup", ShellSettings()))
    deduplicator._register = Register(table)
    first, again = told("نص", 1, NOTICE.at_ms), told(body, 2, NOTICE.at_ms + days * 86_400_000)
    again.offset = first.offset + 1

    decided, _ = deduplicator.decide([first, again])

    assert decided == (1 if must_wait else 2)
    deduplicator.after_flush([])
    assert deduplicator.decide([again])[0] == 1
