"""The typed answers of the console: rendered by its pages, encoded by its API, described by its OpenAPI document. Pure."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

# As `deploy.sources.judgement.State` has it: no word of a type of another module stands in the OpenAPI document.
SourceJudged = Literal["well", "silent", "empty", "gone", "new"]


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


class Version(Answer, frozen=True):
    """A text that a page had; `id` names it in a comparison."""

    id: str
    at: str
    title: str


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
    `versions` are the texts that this page had, oldest first, none when it came once.
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
    versions: tuple[Version, ...]
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
    """A word that stands out: articles in the period and in the other one, sources, its history over both, a headline.

    `together` holds other words that stand out by the same articles.
    """

    word: str
    together: tuple[str, ...]
    articles: int
    before: int
    sources: int
    history: tuple[int, ...]
    headline: str
    headline_id: str


class Trends(Answer, frozen=True):
    """Words that stand out in a period, best first, beside another: the one just before, or the one that was asked for.

    `other_words` stand out in that other period against the first; only where it was asked for.
    """

    since: str
    until: str
    other_since: str
    other_until: str
    words: tuple[TrendingWord, ...]
    other_words: tuple[TrendingWord, ...]


class SourceState(Answer, frozen=True):
    """A source as the index knows it, and as `rafid sources status` judges it.

    `documents` are all that the index has. The shares (0 to 1) and `pages_a_day` are of the four weeks before its last page;
    `poor_share` is that of the pages that were refused or too short, as a rule and today. `silence_s` is the time since its
    last page, `silent_after_s` the silence that is odd of it, `longest_quiet_s` the longest of a usual week; None while it is
    too new. `days` counts the pages of the last 14 days.
    """

    source: str
    state: SourceJudged
    documents: int
    copies_share: float
    refused_share: float
    poor_share: float
    poor_share_today: float
    last_page: str | None
    silence_s: float | None
    silent_after_s: float | None
    longest_quiet_s: float | None
    pages_a_day: float | None
    days: tuple[int, ...]
    latest: tuple[Completion, ...]


class Sources(Answer, frozen=True):
    """Every source, odd ones first, judged up to `known_until`: `behind` messages wait for a worker and are not known yet."""

    known_until: str
    behind: int
    sources: tuple[SourceState, ...]


class Problem(Answer, frozen=True):
    """Why a request has no answer."""

    error: str
