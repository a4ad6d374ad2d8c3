"""What a worker cannot work on: an expected failure, and the dead letter that it becomes."""

from __future__ import annotations

from streams.dead_letters.envelope import Reason, dead_letter_for
from streams.records import Stage
from streams.topics import MAX_MESSAGE_BYTES, Topics
from streams.workers.consume import TimedMessage
from streams.workers.outbox import OutgoingRecord

# Left free for the notice, the verdict and the frame that the stages put around an article.
ARTICLE_BYTES = MAX_MESSAGE_BYTES - 128 * 1024


class Rejected(Exception):
    """A message that goes no further: the reason of its dead letter, and what is wrong in words."""

    def __init__(self, reason: Reason, error: str) -> None:
        super().__init__(error)
        self.reason = reason


def dead_letter_record(
    stage: Stage, rejected: Rejected, message: TimedMessage, our_topics: Topics, failed_at: str
) -> OutgoingRecord:
    """Returns the dead letter of a rejected message as a record for the outbox. `failed_at` is RFC 3339 UTC."""
    letter = dead_letter_for(message, stage, rejected.reason, str(rejected), failed_at, appended_ms=appended_ms(message))
    return OutgoingRecord(our_topics.dead_letters.name, *letter)


def appended_ms(message: TimedMessage) -> int:
    """Returns when the broker appended the message to its topic, in ms since 1970."""
    return round(message.timestamp * 1000)
