"""What the indices and aliases of a namespace are called. Pure."""

from __future__ import annotations

import dataclasses
import re

from streams.topics import checked_namespace


@dataclasses.dataclass(frozen=True, slots=True)
class Names:
    """The names in Elasticsearch of one generation of one namespace.

    `everything` finds every document, `articles` those that are no copy, `sightings` the copies. A generation that is being
    built beside the live one stands under `building`; one that takes no more writes, moments before the swap, under `retiring`.
    """

    namespace: str
    generation: int
    everything: str
    articles: str
    sightings: str
    building: str
    retiring: str

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

    def index(self, month: str) -> str:
        """The index of a month like `2026-11`: `news-g1-2026.11`."""
        return f"{self.template}-{month[:4]}.{month[5:]}"

    def month(self, index: str) -> str | None:
        """The month of an index of this generation, or None when the name is none of them."""
        match = re.fullmatch(re.escape(self.template) + r"-(\d{4})\.(\d{2})", index, re.ASCII)
        return f"{match[1]}-{match[2]}" if match else None


def names(namespace: str = "news", generation: int = 1) -> Names:
    """The names of a generation: the aliases of `news` are `news`, `articles`, `sightings`, those of X `X`, `X-articles`, ...

    Raises RafidError for a namespace that Kafka or Elasticsearch would not take.
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
    )


def month_of(index: str, namespace: str) -> str | None:
    """The month of an index of any generation of this namespace; None when it is none of them."""
    generation = generation_of(index, namespace)
    return names(namespace, generation).month(index) if generation else None


def generation_of(index: str, namespace: str) -> int | None:
    """The generation that an index (or template) of this namespace belongs to; None when it is another's."""
    match = re.fullmatch(re.escape(namespace) + r"-g([1-9]\d{0,8})(?:-\d{4}\.\d{2})?", index, re.ASCII)
    return int(match[1]) if match else None
