"""What a rebuild makes otherwise, told document by document and line by line."""

from __future__ import annotations

from deploy.rebuild.comparison import FATES, IS_BODY_AGAIN, Snapshot, change, fates
from streams.records import Page
from streams.split.rules import read_rules

RULES = read_rules('[sources."sahel.example"]\nlines = ["حمل تطبيق الساحل مجانا"]')["sahel.example"]
FIRST = "قال وزير النقل إن توسعة ميناء الشرق ستبدأ الشهر المقبل وإن كلفتها تبلغ مليوني دولار."
LAST = "وأضاف الوزير أن العمل سيستغرق عامين وأن ألف عامل سيشاركون فيه منذ بداية الصيف."
OFFER = "حمل تطبيق الساحل مجانا"


def document(version: int = 10, content: bytes = b"a", kind: str = "new", story: bytes = b"s") -> Snapshot:
    return Snapshot(version, content, kind, story)


def test_each_document_has_one_fate() -> None:
    live = {
        b"same": document(),
        b"text": document(),
        b"kind": document(),
        b"story": document(),
        b"gone": document(version=10),
        b"old": document(version=9),
    }
    rebuilt = {
        b"same": document(version=12),
        b"text": document(content=b"b", kind="copy"),
        b"kind": document(kind="copy"),
        b"story": document(story=b"t"),
        b"more": document(),
    }

    found = fates(live, rebuilt, pages_since_ms=10)

    assert found == {
        "same": [b"same"],
        "text": [b"text"],
        "verdict": [b"kind", b"story"],
        "only_live": [b"gone"],
        "only_rebuilt": [b"more"],
        "older": [b"old"],
    }
    assert tuple(found) == FATES


def test_a_topic_that_lost_no_page_makes_no_document_older() -> None:
    assert fates({b"gone": document(version=0)}, {}, pages_since_ms=0)["only_live"] == [b"gone"]


def page(*lines: str) -> Page:
    return Page(id="0" * 32, source="sahel.example", text="\n".join(lines), fetched_at="2026-11-22T10:00:00Z")


def test_a_line_that_left_is_told_by_the_rule_that_takes_it() -> None:
    found = change(page(FIRST, OFFER, LAST), f"{FIRST}\n{OFFER}\n{LAST}", f"{FIRST}\n{LAST}", RULES)

    (line,) = found.gone
    assert line[0] == OFFER
    assert line[1].startswith("other_boilerplate: ")
    assert (found.come, sum(found.rules.values())) == ((), 1)


def test_a_line_that_came_is_body_again() -> None:
    found = change(page(FIRST, OFFER, LAST), f"{FIRST}\n{LAST}", f"{FIRST}\n{OFFER}\n{LAST}")

    assert (found.gone, found.come) == ((), ((OFFER, IS_BODY_AGAIN),))


def test_a_line_that_the_page_has_no_more_is_told_by_no_rule() -> None:
    assert change(page(FIRST), f"{FIRST}\n{LAST}", FIRST).gone == ((LAST, "the page changed"),)
