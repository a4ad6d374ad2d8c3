"""What a worker cannot work on: an expected failure, and the dead letter that it becomes."""

from __future__ import annotations

from streams.dead_letters.envelope import Reason, dead_letter
from streams.records import Stage
from streams.topics import MAX_MESSAGE_BYTES, Topics
from streams.workers.consume import Message
from streams.workers.outbox import Sending

# Left free for the notice, the verdict and the frame that the stages put around an article.
ARTICLE_BYTES = MAX_MESSAGE_BYTES - 128 * 1024


class Refused(Exception):
    """A message that goes no further: the reason of its dead letter, and what is wrong in words."""

    def __init__(self, reason: Reason, error: str) -> None:
        super().__init__(error)
        self.reason = reason


def refusal(stage: Stage, refused: Refused, message: Message, names: Topics, failed_at: str) -> Sending:
    """The dead letter of a refused message, on its way."""
    letter = dead_letter(
        stage=stage,
        reason=refused.reason,
        error=str(refused),
        failed_at=failed_at,
        key=message.key,
        value=message.value,
        headers=message.headers or (),
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
    )
    return Sending(names.dead_letters.name, *letter)
