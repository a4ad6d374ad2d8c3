"""What the indices and aliases of a namespace are called. Pure.

Each month has an index of its own, from a month on that a generation keeps for good; what is older shares one by year. So which
index a document goes to is a function of its month and its generation, and every worker gives the same answer.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Final

from streams.topics import checked_namespace

ALL_BY_MONTH: Final = "0000-01"  # every month has an index: what a generation without a record of it has
_PERIOD: Final = r"(\d{4})(?:\.(\d{2}))?"


@dataclasses.dataclass(frozen=True, slots=True)
class Names:
    """The names in Elasticsearch of one generation of one namespace.

    `everything` finds every document, `articles` those that are no copy, `sightings` the copies. A generation that is being
    built beside the live one stands under `building`; one that takes no more writes, moments before the swap, under `retiring`.
    Months from `monthly_from` on have an index each, those before it one for each year; names of one generation are equal
    whether this is known or not.
    """

    namespace: str
    generation: int
    everything: str
    articles: str
    sightings: str
    building: str
    retiring: str
    monthly_from: str = dataclasses.field(default=ALL_BY_MONTH, compare=False)

    def __post_init__(self) -> None:
        if self.generation < 1:
            raise ValueError(f"generations count from 1, not {self.generation}")

    @property
    def template(self) -> str:
        """The name of the index template of this generation."""
        return f"{self.namespace}-g{self.generation}"

    @property
    def pattern(self) -> str:
        """The wildcard of the indices of this generation, and of nothing else."""
        return f"{self.template}-*"

    @property
    def all_generations(self) -> str:
        """The wildcard of the indices and templates of every generation."""
        return f"{self.namespace}-g*"

    def index(self, period: str) -> str:
        """Returns the index that holds a month like `2026-11`, or the year `2013`: `news-g1-2026.11`, `news-g1-2013`."""
        kept = period[:4] if period < self.monthly_from else period
        return f"{self.template}-{kept.replace('-', '.')}"

    def period(self, index: str) -> str | None:
        """Returns the month or year of an index of this generation, or None when the name is none of them."""
        match = re.fullmatch(re.escape(f"{self.template}-") + _PERIOD, index, re.ASCII)
        return "-".join(filter(None, match.groups())) if match else None


def names(namespace: str = "news", generation: int = 1, monthly_from: str = ALL_BY_MONTH) -> Names:
    """Returns the names of a generation.

    The aliases of `news` are `news`, `articles`, `sightings`, those of X `X`, `X-articles`, ... Raises RafidError for a
    namespace that Kafka or Elasticsearch would not take.
    """
    checked_namespace(namespace)
    prefix = "" if namespace == "news" else f"{namespace}-"
    return Names(
        namespace=namespace,
        generation=generation,
        everything=namespace,
        articles=f"{prefix}articles",
        sightings=f"{prefix}sightings",
        building=f"{namespace}-building",
        retiring=f"{namespace}-retiring",
        monthly_from=monthly_from,
    )


def period_of(index: str, namespace: str) -> str | None:
    """Returns the month or year of an index of any generation of this namespace; None when it is none of them."""
    generation = generation_of(index, namespace)
    return names(namespace, generation).period(index) if generation else None


def namespace_of(index: str) -> str | None:
    """Returns the namespace of an index of any generation; None when it is no index of ours."""
    match = re.fullmatch(r"(.+)-g[1-9]\d{0,8}-" + _PERIOD, index, re.ASCII)
    return match[1] if match else None


def generation_of(index: str, namespace: str) -> int | None:
    """Returns the generation that an index (or template) of this namespace belongs to; None when it is another's."""
    match = re.fullmatch(re.escape(namespace) + rf"-g([1-9]\d{{0,8}})(?:-{_PERIOD})?", index, re.ASCII)
    return int(match[1]) if match else None
