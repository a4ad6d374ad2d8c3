"""The typed answers of the console: rendered by its pages, encoded by its API, described by its OpenAPI document. Pure."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Answer(Struct, frozen=True, kw_only=True, omit_defaults=False):
    """The base of every answer: immutable, fields by name."""


class Piece(Answer, frozen=True):
    """A stretch of a text; `marked` where it is highlighted."""

    text: str
    marked: bool = False


class Story(Answer, frozen=True):
    """One story of a list: its best article, highlighted, and how many sources carried the story."""

    id: str
    story_id: str
    title: str
    title_pieces: tuple[Piece, ...]
    snippets: tuple[tuple[Piece, ...], ...]
    source: str
    url: str | None
    kind: str
    section: str | None
    country: str | None
    timestamp: str | None
    sources: int
    other_sources: tuple[str, ...]


class Count(Answer, frozen=True):
    """A value of a field and how many documents have it."""

    value: str
    count: int


class Advice(Answer, frozen=True):
    """Why a search found nothing: `stories` would be found by `without` what stands in the way."""

    without: Literal["filters", "phrases"]
    stories: int


class SearchPage(Answer, frozen=True):
    """A page of stories. `documents`, `stories`, `facets`, `days` are of the first page only; `took_ms` is the server's time."""

    stories: tuple[Story, ...]
    found_documents: int | None
    found_stories: int | None
    facets: dict[str, tuple[Count, ...]]
    days: tuple[Count, ...]
    next_page: str | None
    took_ms: int
    cut: bool
    did_you_mean: str | None = None  # the text with words of the index, when it found little
    advice: Advice | None = None


class Completion(Answer, frozen=True):
    """A title that completes what is typed."""

    id: str
    title: str


class Stretch(Answer, frozen=True):
    """A stretch of a page's text as the splitter cut it; `rule` names what decided, empty for plain body."""

    text: str
    kind: str
    rule: str = ""


class Word(Answer, frozen=True):
    """A run of words in a comparison of two texts: in both, only in the first, or only in the second."""

    text: str
    change: Literal["same", "removed", "added"]


class Sighting(Answer, frozen=True):
    """One document of a story: where and when it was told, and what it is to the story."""

    id: str
    kind: str
    role: str
    title: str
    source: str
    url: str | None
    country: str | None
    published_at: str | None
    modified_at: str | None
    first_seen: str
    word_count: int | None
    likeness: float | None


class Related(Answer, frozen=True):
    """A title of another story that stood on the page: `kind` is teaser, similar or read_also."""

    title: str
    kind: str
    url: str | None = None


class Series(Answer, frozen=True):
    """A number that each edition of a template gives, with the words before it; None where an edition has none."""

    label: str
    values: tuple[float | None, ...]


class Edition(Answer, frozen=True):
    """One edition of a template."""

    id: str
    title: str
    timestamp: str


class Editions(Answer, frozen=True):
    """The editions of a template, oldest first, and the numbers that change from one to the next."""

    editions: tuple[Edition, ...]
    series: tuple[Series, ...]


class Telling(Answer, frozen=True):
    """A story as one document tells it, with all others.

    `stretches` cover the page as the splitter cut it when `whole_page` is true; else they are the article's body alone.
    """

    article: Sighting
    story_id: str
    section: str | None
    author: str | None
    credit: str | None
    tags: tuple[str, ...]
    body: str
    stretches: tuple[Stretch, ...]
    whole_page: bool
    related_titles: tuple[Related, ...]
    sightings: tuple[Sighting, ...]
    editions: Editions | None
    similar: tuple[Story, ...]


class Comparison(Answer, frozen=True):
    """Two texts of one story, word by word."""

    first: Sighting
    second: Sighting
    title: tuple[Word, ...]
    body: tuple[Word, ...]
    same_words: int
    removed_words: int
    added_words: int


class TrendingWord(Answer, frozen=True):
    """A word that stands out: articles now and in the period before, sources, its history over both, a headline."""

    word: str
    articles: int
    before: int
    sources: int
    history: tuple[int, ...]
    headline: str
    headline_id: str


class SourceState(Answer, frozen=True):
    """A source as the index knows it: documents, share of copies (0 to 1), documents of each of the last 14 days, latest stories.

    `silence_s` is the time since its newest document came; `rhythm_s` the usual time between two of the last 14 days.
    """

    source: str
    documents: int
    copies_share: float
    newest: str | None
    last_seen: str | None
    silence_s: float | None
    rhythm_s: float | None
    silent: bool
    days: tuple[int, ...]
    latest: tuple[Completion, ...]


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


class Problem(Answer, frozen=True):
    """Why a request has no answer."""

    error: str
