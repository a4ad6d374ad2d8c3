"""What a stretch of a page can be."""

from __future__ import annotations

import dataclasses

# Other stories: teasers have body after them, a list has none; an appended story has a title and a text of its own.
RELATED = ("inline_teaser", "similar_list", "read_also_title", "read_also_body")
KINDS = (
    "body",
    *RELATED,
    "source_credit",
    "keywords",
    "social",
    "copyright",
    "other_boilerplate",
)


@dataclasses.dataclass(frozen=True, slots=True)
class Segment:
    """Code points `start` to `end` (exclusive) of a page's text are of this kind; `rule` names what decided it."""

    start: int
    end: int
    kind: str
    rule: str = ""
