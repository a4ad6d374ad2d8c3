"""Other stories without a heading: titles run together, a title with its first sentence, bullets, bare links."""

from __future__ import annotations

from streams.split import layout
from streams.split.blocks import stems
from streams.split.draft import Draft
from streams.split.openers import begins, goes_on, sentences

_SHORTEST, _LONGEST = 70, 260
_LONGEST_WITH_LEDE = 480
# So many of a fused title's words come back in the sentence that follows it, at the least.
_RESTATED_STEMS = 3
_RESTATED_SHARE = 0.6


def has_unmarked(draft: Draft) -> bool:
    """Whether the page may hold any although it has no heading."""
    return bool(draft.page.links)


def mark_unmarked(draft: Draft) -> None:
    """Teasers without a heading are marked, on pages that carry other stories or tags anyway: there they are likely enough."""
    if not any(kind in ("read_also_title", "related", "keywords") for kind in draft.kinds):
        return
    for i in range(1, len(draft.lines) - 1):
        if draft.kinds[i] in ("", "read_also_body") and _stands_between(draft, i):
            if _is_fused_titles(draft, i):
                draft.kinds[i], draft.rules[i] = "related", "titles run together"
            elif _is_title_and_lede(draft, i):
                draft.kinds[i], draft.rules[i] = "related", "a title and its first sentence"


def _stands_between(draft: Draft, i: int) -> bool:
    """Whether line i stands alone between two paragraphs of one story."""
    before, after, line = draft.kinds[i - 1], draft.kinds[i + 1], draft.lines[i]
    return bool(
        line.blank and draft.lines[i + 1].blank and before == after == draft.kinds[i] and layout.is_closed(draft.content(i - 1))
    )


def _is_fused_titles(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    return (
        _SHORTEST <= len(content) <= _LONGEST
        and not layout.is_closed(content)
        and not goes_on(content)
        and not begins(content)
        and not sentences(content)
        and layout.is_closed(draft.content(i + 1))
    )


def _is_title_and_lede(draft: Draft, i: int) -> bool:
    content = draft.content(i)
    if not (layout.is_closed(content) and _SHORTEST <= len(content) <= _LONGEST_WITH_LEDE) or goes_on(content) or begins(content):
        return False
    words = content.split()
    for k in range(5, min(16, len(words) - 6)):
        lede = " ".join(words[k:])
        if not (begins(lede) or words[k][0] in "يتس"):
            continue
        said = stems(" ".join(words[:k]))
        shared = said & stems(lede)
        if len(shared) >= _RESTATED_STEMS and len(shared) >= _RESTATED_SHARE * len(said):
            return True
    return False
