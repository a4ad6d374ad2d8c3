"""Learning rules from a source's pages: what is proposed, what is left alone, and that the worker's reader takes the file."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from streams.records import Page
from streams.split import layout
from streams.split.rules import SourceRules, read_rules
from streams.split.spelling import dense
from streams.split.splitter import split
from streams.trials.learn_rules import FEWEST_STORIES, Found, Learned, learn
from streams.trials.proposed_rules import rule_file

SUBJECTS = "الميناء المتحف الملعب السوق الجسر المسرح القطار المصنع الحديقة المدرسة المطار النهر".split()  # noqa: SIM905
CITIES = "طنجة صفاقس حلب نزوى عدن بنغازي سوسة أربيل صحار تعز فاس جدة".split()  # noqa: SIM905


def title(i: int) -> str:
    return f"افتتاح {SUBJECTS[i]} الجديد في {CITIES[i]} بعد أعوام من الانتظار"


def paragraph(i: int) -> str:
    return f"بحضور عدد كبير من السكان والضيوف افتتح أمس بعد أعوام من العمل {SUBJECTS[i]} الجديد في مدينة {CITIES[i]}."


def page(text: str, name: str | None) -> Page:
    return Page(id="0" * 32, source="sahel.example", title=name, text=text, fetched_at="2026-11-22T00:00:00Z")


def pages(*, above: str = "", below: str = "", glued: str = "") -> list[Page]:
    """A page on each subject, with the same words around its paragraph."""
    texts = ["\n".join(filter(None, (above, paragraph(i) + glued, below))) for i in range(len(SUBJECTS))]
    return [page(text, title(i)) for i, text in enumerate(texts)]


def rules_of(learned: Learned) -> SourceRules:
    return read_rules(rule_file(learned))[learned.source]


def proposed(some: Sequence[Page]) -> list[tuple[str, str]]:
    return [(found.sort, found.words) for found in learn("sahel.example", some).proposed]


def left_alone(some: Sequence[Page]) -> list[Found]:
    return list(learn("sahel.example", some).left_alone)


def body(one: Page, rules: SourceRules | None = None) -> list[str]:
    """The lines of the page's body."""
    kept = [one.text[s.start : s.end] for s in split(one, rules).segments if s.kind == "body"]
    return [text[line.start : line.end] for text in kept for line in layout.lines(text)]


def test_words_above_titles_of_other_pages_open_a_list() -> None:
    count = len(SUBJECTS)
    some = [
        page(f"{paragraph(i)}\nمن رفوف الساحل\n{title((i + 1) % count)}\n{paragraph(i).replace('أمس', 'اليوم')}", title(i))
        for i in range(count)
    ]

    learned = learn("sahel.example", some)

    assert [(found.sort, found.words, found.stories, found.titles) for found in learned.proposed] == [
        ("heading", "من رفوف الساحل", count, count)
    ]
    kinds = [segment.kind for segment in split(some[0], rules_of(learned)).segments]
    assert kinds == ["body", "inline_teaser", "body"]


def test_words_before_titles_of_other_pages_on_one_line_open_a_list() -> None:
    count = len(SUBJECTS)
    some = [page(f"{paragraph(i)}\nمن رفوفنا: {title((i + 1) % count)}", title(i)) for i in range(count)]

    learned = learn("sahel.example", some)

    assert [(found.sort, found.words, found.has_colon) for found in learned.proposed] == [("opening", "من رفوفنا", True)]
    assert body(some[0], rules_of(learned)) == [paragraph(0)]


def test_a_line_below_stories_of_every_subject_is_the_sites_own() -> None:
    line = "يصدر الساحل كل صباح من مدينة النور ويقرأه أهلها جميعا"

    some = pages(below=line)

    assert proposed(some) == [("line", line)]
    assert body(some[0], rules_of(learn("sahel.example", some))) == [paragraph(0)]


def test_the_end_of_a_last_line_is_a_tail() -> None:
    tail = "صحيفة الساحل من مدينة النور"

    some = pages(glued=f" {tail}")
    rules = rules_of(learn("sahel.example", some))

    assert proposed(some) == [("tail", tail)]
    assert body(some[0], rules) == [paragraph(0)]
    assert [(one.kind, one.reason) for one in split(some[0], rules).segments][1:] == [("other_boilerplate", f"line ends {tail}")]


def test_a_by_line_above_the_text_is_left_alone() -> None:
    some = pages(above="سالم بن راشد")

    assert proposed(some) == []
    assert [(found.words, found.why_not.partition(":")[0]) for found in left_alone(some)] == [
        ("سالم بن راشد", "above the text, and short or with a figure")
    ]


def test_prose_of_a_template_is_left_alone_because_its_stories_are_of_one_subject() -> None:
    prose = "الأسعار بالدرهم ولا تشمل أجر الصياغة ولا الضريبة في أي من محلات المدينة."
    report = "عند إغلاق السوق مساء أمس، حسب نقابة الصاغة، بلغ سعر غرام الذهب"
    gold = [page(f"{report} {90 + i} درهما في {city}. {prose}", f"أسعار الذهب في {city}") for i, city in enumerate(CITIES)]
    others = pages()

    assert proposed([*gold, *others]) == []
    (found,) = [found for found in left_alone([*gold, *others]) if found.words == prose]
    assert found.why_not.startswith("its stories are of one subject: they share the word ")


def test_a_subheading_between_paragraphs_is_left_alone() -> None:
    some = [page(f"{paragraph(i)}\nالسطر الأخير\n{paragraph(i).replace('أمس', 'اليوم')}", title(i)) for i in range(len(SUBJECTS))]

    assert proposed(some) == []


def test_copies_of_one_story_are_one_story() -> None:
    line = "يصدر الساحل كل صباح من مدينة النور ويقرأه أهلها جميعا"

    assert proposed([page(f"{paragraph(0)}\n{line}", title(0))] * 40) == []


def test_words_of_the_general_table_are_not_proposed_again() -> None:
    count = len(SUBJECTS)
    some = [page(f"{paragraph(i)}\nأخبار متعلقة:\n{title((i + 1) % count)}", title(i)) for i in range(count)]

    assert proposed(some) == []


def test_the_file_names_count_and_examples_and_hides_nothing() -> None:
    line = 'يصدر "الساحل"\u200f كل صباح من مدينة النور \\ ويقرأه أهلها'

    text = rule_file(learn("sahel.example", pages(below=line)))

    assert f"# in {len(SUBJECTS)} stories: {title(0)} | {title(1)} | {title(2)}" in text
    assert "\u200f" not in text
    assert [marker.words for marker in read_rules(text)["sahel.example"].own] == [line.replace("\u200f", "")]


FURNITURE = ["من رفوف الساحل", "يصدر الساحل كل صباح من مدينة النور", "كتب: سالم", "أ", "..", "١٢"]
LINES = st.sampled_from([*map(paragraph, range(4)), *map(title, range(6)), *FURNITURE])
TAILS = st.sampled_from(["", " صحيفة الساحل من مدينة النور", " ع ب م", " وقال إن العمل مستمر."])


def _drawn_page(i: int, lines: list[str], tail: str, named: bool) -> Page:
    own = f"خبر {CITIES[i % 12]} رقم {i} عن {SUBJECTS[i % 12]}، وهو لا يرد في غير هذه الصفحة من صفحات الأسبوع.{tail}"
    return page("\n".join([*lines, own]), title(i % 12) if named else None)


@given(st.lists(st.tuples(st.lists(LINES, max_size=5), TAILS, st.booleans()), min_size=6, max_size=14))
def test_a_line_of_one_story_alone_leaves_the_body_only_below_a_heading_that_was_learned(
    drawn: list[tuple[list[str], str, bool]],
) -> None:
    some = [_drawn_page(i, *one) for i, one in enumerate(drawn)]
    learned = learn("sahel.example", some)
    rules = rules_of(learned)
    headings = {dense(found.words) for found in learned.proposed if found.sort in ("heading", "opening")}

    for i, one in enumerate(some):
        kept = body(one, rules)
        for line in body(one):
            elsewhere = sum(line in body(other) for other in some)
            if elsewhere == 1 and not headings:
                assert any(line.startswith(text) for text in kept if len(text) >= len(line) // 2), (i, line)
    assert all(found.stories >= (3 if found.sort in ("heading", "opening") else FEWEST_STORIES) for found in learned.proposed)
