"""Which element holds the article: containers weighed by their running text and their links, and by what the page says. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from lxml import etree

from producers.extract.asides import NEVER_THE_STORY, inside
from producers.extract.blocks import Block, Layout
from producers.extract.boilerplate import Zone, names_a_zone, split_camel
from producers.extract.headline import agreement
from producers.extract.names import a_part
from producers.extract.names import words as pattern_of_words
from producers.extract.tree import text_of
from streams.arabic.folding import fold

_WORD = re.compile(r"\w+")
# Names that themes and newsrooms give to the element that holds the text and nothing else.
_BODY_NAMES = a_part("names", "body")
_MORE = pattern_of_words("asides", "more")
_FEW_BODIES, _EXCERPT, _SAID = 4, 2.0, 0.9  # bodies looked at, their text in times of what is said, and what of it they hold
_BESIDE = ("aside", "nav", "footer", "menu")  # tags that no theme gives to its articles, much as they may hold


def content_of(layout: Layout, first: int, last: int) -> list[Block]:
    """Returns the blocks of a range that lie in no zone."""
    return [block for block in layout.blocks[first:last] if not block.zones]


def named_bodies(root: etree._Element, layout: Layout) -> list[etree._Element]:
    """Returns the elements that the page itself marks or names as the article's text, in document order."""
    out = []
    for element in layout.ranges:
        prop = element.get("itemprop")
        if prop and "articleBody" in prop:
            out.append(element)
            continue
        names = split_camel(f"{element.get('class') or ''} {element.get('id') or ''}")
        if (
            names != " "
            and element.tag not in ("html", "body", "a", "p", "h1", "h2", "h3", "li", "span")
            and _BODY_NAMES.search(names)
        ):
            out.append(element)
    return sorted(out, key=lambda element: (layout.ranges[element][0], -layout.ranges[element][1]))


def release_zones(layout: Layout, bodies: Sequence[etree._Element], title: etree._Element | None) -> bool:
    """Takes the zones off the blocks where they hold the article: a body with text, the headline above text, or most prose.

    Returns whether a part of the article is hidden until the reader asks for it.
    """
    prose_words = [block.words if block.is_prose else 0 for block in layout.blocks]
    total = sum(prose_words) or 1
    anchors = {ancestor for body in bodies if _has_prose(layout, body) for ancestor in (body, *body.iterancestors())}
    above_title = set(title.iterancestors()) if title is not None else set()
    kept, holds_hidden = set(), False
    for zone in layout.zones:
        if zone.reason in NEVER_THE_STORY:
            continue
        held = sum(prose_words[zone.first : zone.last])
        if zone.reason in ("caption", "embed", "share", "tags", "consent"):
            is_wrapper = held > 0.6 * total or zone.element in above_title
            held = held if is_wrapper and zone.reason != "consent" else 0
        if not held:
            continue
        if (
            zone.element in anchors
            or (zone.element in above_title and held >= 0.2 * total)
            or (not anchors and held > 0.55 * total and zone.element.tag not in _BESIDE)
            or (zone.reason == "hidden" and _is_rest_of_story(layout, zone))
        ):
            kept.add(id(zone))
            holds_hidden |= zone.reason == "hidden"
    if kept:
        for block in layout.blocks:
            block.zones = tuple(zone for zone in block.zones if id(zone) not in kept)
    return holds_hidden


def _is_rest_of_story(layout: Layout, zone: Zone) -> bool:
    """Tells whether a hidden element goes on with the text beside it, and a control between or below them shows it."""
    parent = zone.element.getparent()
    if parent is None or names_a_zone(zone.element):
        return False
    beside = layout.blocks[layout.of(parent)[0] : zone.first]
    controls = [*islice(zone.element.itersiblings(preceding=True), 2), *islice(zone.element.itersiblings(), 1)]
    return any(block.is_prose and not block.zones for block in beside) and any(
        isinstance(e.tag, str) and _MORE.fullmatch(text_of(e)[:60]) for e in controls
    )


def _has_prose(layout: Layout, element: etree._Element) -> bool:
    first, last = layout.of(element)
    return any(block.is_prose for block in layout.blocks[first:last])


def weigh(block: Block) -> float:
    """Returns what a block says for its container: words of running text, less the words of links and scraps."""
    if block.zones:
        return 0.0
    if block.is_prose:
        return max(block.words - 2.0 * block.linked_words, 0.2 * block.words)  # below: a sentence of linked names
    if block.linked_words > 0.5 * block.words:
        return -2.0 - 1.0 * block.linked_words
    return 0.3 * block.words if block.heading or block.item else 0.0


def best_container(
    layout: Layout, bodies: Sequence[etree._Element], spoken: str, title: etree._Element | None
) -> etree._Element | None:
    """Returns the element that holds the article's text, or None when no block is running text.

    `spoken` is the text as the page gives it to machines, perhaps empty: with it, the element that it agrees with most wins.
    Else it is the element of the greatest weight, or a named body inside or around it that holds half of that weight.
    """
    sums = [0.0]
    for block in layout.blocks:
        sums.append(sums[-1] + weigh(block))
    weight = {element: sums[last] - sums[first] for element, (first, last) in layout.ranges.items()}
    if not weight:
        return None
    # Of equal weights the innermost: ranges are filled in the order in which elements end.
    heaviest = max(weight, key=lambda element: (round(weight[element], 6), -_size(layout, element)))
    if weight[heaviest] <= 0:
        return None
    named = [body for body in bodies if weight.get(body, 0) > 0]
    if spoken and len(_WORD.findall(spoken)) >= 25 and not _is_excerpt(spoken, layout, named):
        expected = words_of([spoken])
        score, element = _closest([heaviest, *named[:12]], layout, expected)
        while score >= 0.5 and (inner := [child for child in element if child in layout.ranges]):
            closer, child = _closest(inner, layout, expected)
            if closer <= score:
                break
            score, element = closer, child
        if score >= 0.6:
            return element
    after_title = [body for body in named if title is None or _follows(layout, body, title)]
    if after_title and _heads_second_story(layout, after_title):
        return after_title[0]
    for body in after_title or named:
        if weight[body] >= 0.5 * weight[heaviest] or (inside(body, heaviest) and weight[body] >= 0.35 * weight[heaviest]):
            return _innermost(body, named, weight)
    return _story_of(layout, heaviest, title, weight)


def _is_excerpt(spoken: str, layout: Layout, named: Sequence[etree._Element]) -> bool:
    """Tells whether the page tells machines only the beginning of its text: cut short, or held by a named body of far more."""
    if spoken.rstrip().endswith(("...", "…", "[…]")):
        return True
    spoken_words = words_of([spoken])
    for body in named[:_FEW_BODIES]:
        held = words_of(block.text for block in content_of(layout, *layout.of(body)) if block.is_prose)
        if held.total() > _EXCERPT * spoken_words.total() and (held & spoken_words).total() > _SAID * spoken_words.total():
            return True
    return False


def _closest(elements: Sequence[etree._Element], layout: Layout, expected: Counter[str]) -> tuple[float, etree._Element]:
    scored = [(f1(words_of(block.text for block in content_of(layout, *layout.of(e))), expected), e) for e in elements]
    return max(scored, key=lambda pair: pair[0])


def _size(layout: Layout, element: etree._Element) -> int:
    first, last = layout.ranges[element]
    return last - first


def _follows(layout: Layout, body: etree._Element, title: etree._Element) -> bool:
    title_first = layout.of(title)[0]
    return layout.of(body)[1] > title_first


def _heads_second_story(layout: Layout, bodies: Sequence[etree._Element]) -> bool:
    """Tells whether another body with the names of the first follows it under a headline of its own."""
    first = bodies[0]
    end = layout.of(first)[1]
    for other in bodies[1:]:
        start = layout.of(other)[0]
        if start >= end and other.get("class") == first.get("class"):
            return any(1 <= block.heading <= 2 and block.words >= 4 for block in layout.blocks[end:start]) and any(
                block.is_prose for block in layout.blocks[layout.of(first)[0] : end]
            )
    return False


def _innermost(body: etree._Element, named: Sequence[etree._Element], weight: dict[etree._Element, float]) -> etree._Element:
    """Returns the named body inside this one that holds nearly all of its weight."""
    found = body
    for other in named:
        if inside(other, found) and weight[other] >= 0.85 * weight[found]:
            found = other
    return found


def _story_of(
    layout: Layout, heaviest: etree._Element, title: etree._Element | None, weight: dict[etree._Element, float]
) -> etree._Element:
    """Returns the one article element with the headline, where the heaviest element holds several stories."""
    if title is None:
        return heaviest
    for ancestor in title.iterancestors("article"):
        if inside(ancestor, heaviest) and weight.get(ancestor, 0) >= 25:
            return ancestor
    return heaviest


def words_of(texts: Iterable[str]) -> Counter[str]:
    """Returns the folded words of the texts with their counts."""
    return Counter(word for text in texts for word in fold(text).split())


def f1(one: Counter[str], other: Counter[str]) -> float:
    """Returns the harmonic mean of precision and recall of two bags of words."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def starts_second_story(layout: Layout, first: int, last: int, title: str | None) -> int:
    """Returns the block where another story with a headline of its own begins inside the range, or `last`."""
    seen = 0
    for number in range(first, last):
        block = layout.blocks[number]
        if block.heading == 1 and seen >= 15 and not (title and agreement(block.text, title) > 0.8):
            return number
        if block.is_prose and not block.zones:
            seen += block.words
    return last


def end_of_story(
    layout: Layout, bodies: Sequence[etree._Element], container: etree._Element, first: int, title: str | None
) -> int:
    """Returns the block before which the story ends at the latest: another headline, or what follows a body with a twin below."""
    last = layout.of(container)[1]
    if container in bodies and any(
        layout.of(other)[0] >= last and other.get("class") == container.get("class") for other in bodies
    ):
        return last
    return starts_second_story(layout, first, len(layout.blocks), title)


def zone_names(zones: Iterable[Zone]) -> set[str]:
    """Returns the reasons of the zones."""
    return {zone.reason for zone in zones}
