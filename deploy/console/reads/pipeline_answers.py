"""The typed answers about the pipeline: its stages at one moment, the last audit, dead letters. Pure."""

from __future__ import annotations

from deploy.console.reads.answers import Answer


class Stage(Answer, frozen=True):
    """A topic on the path and the worker that reads it; `rate` is messages a second into the topic over the last 10 s.

    `lag` and `members` are None where no worker reads; `age_s` is how old the newest message is, None for an empty topic.
    """

    name: str
    topic: str
    messages: int
    rate: float
    lag: int | None = None
    members: int | None = None
    age_s: float | None = None


class Flow(Answer, frozen=True):
    """The pipeline at one moment: `at` is RFC 3339 in UTC; `register` is the count of records in the register's changelog."""

    at: str
    kafka_up: bool
    elasticsearch_up: bool
    health: str | None
    stages: tuple[Stage, ...]
    articles: int | None
    sightings: int | None
    dead_letters: int | None
    register: int | None
    down: tuple[str, ...]


class AuditAnswer(Answer, frozen=True):
    """What an audit of the pages from `since` to `until` (None: all, now) said: `clean` when everything adds up.

    `read` and `under_way` count messages and documents, `faults` what does not add up by its name; `findings` are the first.
    """

    began_at: str
    ended_at: str
    since: str | None
    until: str | None
    clean: bool
    notes: tuple[str, ...]
    read: dict[str, int]
    under_way: dict[str, int]
    faults: dict[str, int]
    findings: tuple[dict[str, str], ...]


class Letter(Answer, frozen=True):
    """A dead letter: where it lies, why it failed, where it came from; `value` and `headers` only when one is looked at."""

    id: str
    stage: str
    reason: str
    error: str
    failed_at: str
    attempts: int
    came_from: str | None
    bytes: int | None
    replayable: bool
    value: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Letters(Answer, frozen=True):
    """The newest dead letters that pass the filters; `more` when older ones are left out."""

    letters: tuple[Letter, ...]
    more: bool


class Replay(Answer, frozen=True):
    """What a replay sent by topic, or would send (`dry_run`), and the letters that stay with the reason."""

    dry_run: bool
    sent: dict[str, int]
    kept: dict[str, str]
