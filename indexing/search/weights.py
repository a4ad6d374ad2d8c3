"""How much each clause counts in the order of hits: the numbers of `weights.toml`, which a person or a command writes. Pure."""

from __future__ import annotations

import dataclasses
import functools
import tomllib
from importlib import resources
from typing import Final

FILE: Final = "weights.toml"


@dataclasses.dataclass(frozen=True, slots=True)
class Weights:
    """Factors of scores; a tie is the share that the weaker of two fields adds to the better one."""

    bound: float
    body_grams: float
    body_words: float
    body_tie: float
    title_stems: float
    title_words: float
    title_tie: float
    whole_title: float
    near: float


MEANINGS: Final = {
    "bound": "stems in title and body, the clause that bounds what is found",
    "body_grams": "4-grams of the body's light stems",
    "body_words": "the body's words as they stand",
    "body_tie": "",
    "title_stems": "stems of the title",
    "title_words": "the title's words as they stand",
    "title_tie": "",
    "whole_title": "stems of a title that has every word",
    "near": "all words near each other in the body, best in their order",
}


@functools.cache
def current_weights() -> Weights:
    """Returns the weights of the file that is shipped."""
    return read_weights(resources.files("indexing").joinpath("search", FILE).read_text(encoding="utf-8"))


def read_weights(text: str) -> Weights:
    """Returns the weights of a file's text. Raises TypeError when a weight is missing or unknown."""
    return Weights(**{name: float(value) for name, value in tomllib.loads(text).items()})


def written(weights: Weights) -> str:
    """Returns the text of a file with these weights."""
    rows = ["# What each clause counts in the order of hits; a tie is the share of the weaker field. By `rafid learn-weights`."]
    for name, meaning in MEANINGS.items():
        rows.append(f"{name} = {getattr(weights, name):g}" + (f"  # {meaning}" if meaning else ""))
    return "\n".join(rows) + "\n"
