"""Dead letters for the console: the newest ones, one of them whole, and back to where they came from."""

from __future__ import annotations

import heapq
from operator import itemgetter
from typing import Final, get_args

from deploy.console.reads.pipeline_answers import Letter, Letters, Replay
from deploy.console.reads.story import NotFound
from streams.connect.clients import NoKafka
from streams.connect.kafka import KafkaSettings
from streams.dead_letters.envelope import PREFIX, Reason
from streams.dead_letters.topic import Selection, StoredLetter, read_letters, send_again
from streams.errors import RafidError
from streams.records import Stage

SHOWN: Final = 100
MOST_READ: Final = 20_000  # messages at the end of the topic that one page reads
SHOWN_BYTES: Final = 20_000
STAGES: Final = get_args(Stage)
REASONS: Final = tuple(reason.value for reason in Reason)


def letters(kafka: KafkaSettings, stage: str = "", reason: str = "") -> Letters:
    """Returns the newest hundred dead letters of a stage and with a reason, where given and known. Raises RafidError."""
    choice = Selection(stage=stage if stage in STAGES else None, reason=reason if reason in REASONS else None)
    found = ((stored.order, _letter(stored)) for stored in read_letters(kafka, choice, newest=MOST_READ))  # no value is kept
    newest = [each for _, each in heapq.nlargest(SHOWN + 1, found, key=itemgetter(0))]
    return Letters(letters=tuple(newest[:SHOWN]), more=len(newest) > SHOWN)


def letter(kafka: KafkaSettings, letter_id: str) -> Letter:
    """Returns the dead letter that lies there, with what it holds. Raises NotFound."""
    return _letter(_one(kafka, letter_id), whole=True)


def replay(kafka: KafkaSettings, letter_id: str, *, dry_run: bool) -> Replay:
    """Sends the dead letter back to where it came from, or in a dry run nothing, with the same answer. Raises RafidError."""
    done = send_again(kafka, [_one(kafka, letter_id)], dry_run=dry_run)
    return Replay(dry_run=dry_run, sent=done.sent, kept={_id(stored): why for stored, why in done.not_sent})


def _one(kafka: KafkaSettings, letter_id: str) -> StoredLetter:
    partition, _, offset = letter_id.partition("-")
    numbers = (partition, offset)
    if not all(number.isascii() and number.isdigit() and len(number) < 19 for number in numbers):
        raise NotFound(f"{letter_id!r} is no dead letter: PARTITION-OFFSET was expected")
    try:
        stored = next(read_letters(kafka, Selection(frozenset({(int(partition), int(offset))}))), None)
    except NoKafka:
        raise
    except RafidError as exc:
        raise NotFound(str(exc)) from None
    if stored is None:
        raise NotFound(f"there is no dead letter {letter_id}")
    return stored


def _letter(stored: StoredLetter, *, whole: bool = False) -> Letter:
    failure = stored.letter
    came_from = f"{failure.topic}:{failure.partition}:{failure.offset}" if failure and failure.topic else None
    headers = [(name, _text(data)) for name, data in stored.headers if not name.startswith(PREFIX)]
    return Letter(
        id=_id(stored),
        stage=failure.stage if failure else "",
        reason=failure.reason if failure else "",
        error=failure.error if failure else "this message is no dead letter",
        failed_at=failure.failed_at if failure else "",
        attempts=failure.attempts if failure else 0,
        came_from=came_from,
        bytes=len(stored.value) if stored.value is not None else None,
        replayable=came_from is not None,
        value=_text(stored.value[:SHOWN_BYTES]) if whole and stored.value is not None else None,
        headers=tuple(headers) if whole else (),
    )


def _id(stored: StoredLetter) -> str:
    return f"{stored.partition}-{stored.offset}"


def _text(data: bytes | None) -> str:
    return (data or b"").decode("utf-8", "backslashreplace")
