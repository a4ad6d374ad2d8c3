"""When two texts are one story: the rule, its names and its figures. Pure.

Jaccard alone cannot decide: at .8 it finds 41 % of the copies, and yesterday's gold prices reach .97. Each figure was chosen
on 320 judged pairs of two collections (Saudi papers of 2015, Egyptian sites of 2013), of which no cut may serve one alone.
"""

from __future__ import annotations

from typing import Literal, NamedTuple, get_args

from streams.dedup.metadata import NO_METADATA, MetadataSketch, renamed, same_address, same_source, title_share
from streams.dedup.overlap import Overlap, Part, overlap, shared
from streams.dedup.sketch import Sketch

# Names travel in the verdict, and by their order in the register's entries: append only.
Rule = Literal["exact", "similar", "head", "lead", "contained", "flash", "title", "address"]
RULES: tuple[Rule, ...] = get_args(Rule)

SHORT, VERY_SHORT = 60, 20  # words; too few shingles to prove more than near equality
# What proves little proves it only while the story is news. 95 % of the copies come within 36 hours; of what the weaker rules
# would join after two days, three in four are templates (cables, forecasts, executions), and one in eight within a day.
NEWS_MS = 36 * 3_600_000
MAX_CONFLICTS_UNNOTICED = 1  # one number that differs is a slip of the pen; two are another day

MIN_JACCARD = 0.10  # below: 2 duplicates of 23 judged pairs
SIMILAR_JACCARD = 0.70  # above: 111 duplicates of 112 judged pairs, of any source and age
# Jaccard and containment are of shingles; SHARE is what the other text has of a lead or a head; EVIDENCE is containment and the
# mean of both leads together.
HEAD_JACCARD, HEAD_SHARE = 0.40, 0.20
LEAD_JACCARD, LEAD_CONTAINMENT, LEAD_SHARE, LEAD_EVIDENCE = 0.20, 0.52, 0.25, 1.05
FLASH_CONTAINMENT, FLASH_SHARE, FLASH_EVIDENCE = 0.55, 0.30, 1.10
CONTAINED_CONTAINMENT, CONTAINED_SHARE = 0.60, 0.50
# Titles that share 30 % of their words name the same event: of pairs with a reworded lead between sites, 8
# duplicates of 8; chosen on one collection, recall on the other grows by .015 and .036 at a precision of 1.000 and .974.
TITLE_SHARE = 0.30
TITLE_JACCARD, TITLE_CONTAINMENT, TITLE_LEAD_SHARE = 0.20, 0.50, 0.10

# A site updates a toll within hours; a bulletin of other numbers under a number of its section comes a day later (chosen by
# reading).
UPDATE_MS = 18 * 3_600_000
MIN_RENAMED = 2  # names in the place of names; one may be an editor's word


class Text(NamedTuple):
    """An article as the rule sees it; `title_hash` is of the folded title."""

    sketch: Sketch
    metadata: MetadataSketch = NO_METADATA
    title_hash: bytes = b""


class Likeness(NamedTuple):
    """By which rule two texts are alike, and how much they share.

    `is_edition`: the template is the same, the numbers or the names are others.
    `is_update`: one site calls both by one number in their addresses, so the later is the article's newest text.
    """

    rule: Rule
    is_edition: bool
    jaccard: float
    containment: float
    is_update: bool = False


def share_enough(new: bytes, old: bytes) -> bool:
    """Returns False where `likeness` is None unless the address is the same. Most candidates fail here, at little cost.

    Shingles are packed.
    """
    both = shared(new, old)
    return both >= MIN_JACCARD * ((len(new) + len(old)) // 2 - both)


def likeness(new: Text, old: Text, apart_ms: int) -> Likeness | None:
    """Returns how two texts that came `apart_ms` apart are alike, or None for two stories; the same in both directions."""
    a, b = new.sketch, old.sketch
    if not a.word_count or not b.word_count:
        return None
    is_update = same_address(new.metadata, old.metadata)
    shorter = min(a.word_count, b.word_count)
    if shorter < VERY_SHORT and new.title_hash != old.title_hash and not is_update:
        return None
    if a.body_hash == b.body_hash:
        return Likeness("exact", False, 1.0, 1.0, is_update)
    found = overlap(a.packed_shingles, b.packed_shingles)
    rule: Rule | None
    if found.jaccard >= SIMILAR_JACCARD:
        rule = "similar"
    elif is_update and (found.containment >= CONTAINED_SHARE or title_share(new.metadata, old.metadata) >= TITLE_SHARE):
        rule = "address"
    elif found.jaccard < MIN_JACCARD or shorter < VERY_SHORT:
        return None
    else:
        rule = _partial_rule(found, new, old, shorter, apart_ms)
    if rule is None:
        return None
    is_edition = _has_other_numbers(a, b) or _has_other_names(new.metadata, old.metadata)
    is_update = is_update and (not is_edition or abs(apart_ms) <= UPDATE_MS)
    return Likeness(rule, is_edition and not is_update, found.jaccard, found.containment, is_update)


def _partial_rule(found: Overlap, new: Text, old: Text, shorter: int, apart_ms: int) -> Rule | None:
    """Returns the rule that makes a text with parts of another its copy."""
    is_short, is_news = shorter < SHORT, abs(apart_ms) <= NEWS_MS
    # Of two texts of one length either may count as the longer: what one order proves is proved.
    orders = [pair for pair in ((found.one, found.other), (found.other, found.one)) if pair[0].length >= pair[1].length]
    rules = [_body_rule(found, longer, other, is_short=is_short, is_news=is_news) for longer, other in orders]
    by_body = min((rule for rule in rules if rule), key=RULES.index, default=None)
    is_same_site = same_source(new.metadata, old.metadata)
    if by_body is None and not is_same_site and not is_short and is_news:
        enough = found.jaccard >= TITLE_JACCARD and found.containment >= TITLE_CONTAINMENT
        leads = min(found.one.lead, found.other.lead)
        if enough and leads >= TITLE_LEAD_SHARE and title_share(new.metadata, old.metadata) >= TITLE_SHARE:
            return "title"
    if by_body is not None and is_same_site and title_share(new.metadata, old.metadata) < TITLE_SHARE:
        # A site repeats its own earlier report in its next one: below a Jaccard of .70, 4 duplicates of 26 under another title.
        return None
    return by_body


def _body_rule(found: Overlap, longer: Part, other: Part, *, is_short: bool, is_news: bool) -> Rule | None:
    """Returns the rule by which the bodies alone are alike.

    A shared background (an agency's standing paragraphs) shows in the whole but not in the head; a round-up contains the
    shorter text but does not lead with it, so both leads count. Formulae (congratulations, condolences) are most of a short
    text, which needs more evidence.
    """
    jaccard, containment = found.jaccard, found.containment
    if not is_short and jaccard >= HEAD_JACCARD and longer.head >= HEAD_SHARE:
        return "head"
    if not is_news:
        return None
    evidence = containment + (longer.lead + other.lead) / 2
    if is_short:
        is_flash = containment >= FLASH_CONTAINMENT and longer.lead >= FLASH_SHARE and evidence >= FLASH_EVIDENCE
        return "flash" if is_flash else None
    is_enough = jaccard >= LEAD_JACCARD and containment >= LEAD_CONTAINMENT and evidence >= LEAD_EVIDENCE
    if is_enough and min(longer.lead, other.lead) >= LEAD_SHARE:
        return "lead"
    return "contained" if containment >= CONTAINED_CONTAINMENT and longer.lead >= CONTAINED_SHARE else None


def _has_other_numbers(new: Sketch, old: Sketch) -> bool:
    """Tells whether the same words stand before other numbers: the same template on another day."""
    new_slots, old_slots = new.slots, old.slots
    if not len(new_slots) or not len(old_slots):
        return False
    old_values = {slot >> 16: slot & 0xFFFF for slot in old_slots.tolist()}
    agree = conflict = 0
    for slot in new_slots.tolist():
        value = old_values.get(slot >> 16)
        if value is not None:
            agree += value == slot & 0xFFFF
            conflict += value != slot & 0xFFFF
    return conflict > MAX_CONFLICTS_UNNOTICED and 2 * conflict >= agree


def _has_other_names(new: MetadataSketch, old: MetadataSketch) -> bool:
    """Tells whether titles of one form name others, and the bodies do in the same places: two cables of one template."""
    share = title_share(new, old)
    return TITLE_SHARE <= share < 1.0 and renamed(new, old) >= MIN_RENAMED
