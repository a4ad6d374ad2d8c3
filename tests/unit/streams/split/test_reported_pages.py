"""Layouts that people reported of real sites, with invented texts, and variations of each."""

from __future__ import annotations

import pytest

from streams.records import Article, Page
from streams.split.splitter import split
from streams.split.stories import articles

STORY = [
    "انتشل غواصون أربع جثث أخرى بعد يوم من غرق عبّارة كانت تقل عمالا موسميين قبالة رأس النخيل، لترتفع الحصيلة إلى 23 قتيلا.",
    "وقالت هيئة الموانئ إن العبّارة كانت تحمل ضعف عدد الركاب المسموح به، وإن التحقيق بدأ مع مالكها.",
]
PAIRS = [
    "خط زمني منذ 2019.. رأس النخيل يبتلع العبّارات الصغيرة",
    "بعد غرق العبّارة أمس الأول، يكون الساحل قد شهد تسع حوادث مماثلة في سبعة أعوام، ونستعرض هنا أبرزها بالتسلسل.",
    "مدة الفيديو 02 minutes 47 seconds",
    "02:47",
    "نجاة طفل بعد ساعات في البحر ومشاهد مؤثرة على الشاطئ",
    "روى صيادون كيف عثروا على الطفل متشبثا بلوح خشبي بعد ست ساعات من غرق العبّارة، وقالوا إن الأمواج كانت عالية.",
]
MORE = [
    "المزيد من أخبار العالم",
    "مجلس الأقاليم يقر موازنة الطوارئ",
    "جانب من جلسة المجلس أمس (مواقع التواصل-أرشيف)",
    "يتصدر الآن",
    "أسعار القمح تقفز لليوم الرابع",
    "مزارعون يفرغون شحنة قمح في ميناء الياسمين (رويترز)",
]
QUESTIONS = [
    "*ما الذي يحدث في الوادي وهل وصلت إليه عدوى الاحتجاج؟",
    "-نحن لا نعرف من الفصول غير الصيف والشتاء، ولم نتعود على الربيع.. المشهد حراك شعبي يجمع المهنيين من كل الاختصاصات.",
    "*وما هو البديل الذي تستندون إليه؟",
    "-منذ بدء الحراك حذرت أصوات من الفوضى، لكننا اخترنا السلمية.",
    "*كيف تقيم حصيلة العام الأول؟",
    "-أخطر ما في هذه الحصيلة الانقسام بين الضفتين.",
    "*هل من رسالة أخيرة؟",
    "-رسالتي إلى الشباب ألا يفقدوا الأمل",
]
HEAD = [
    "- الجيل الذي تربى على الخوف هو الذي يقود التغيير اليوم - كنا قرية واحدة فصرنا قريتين",
    "حوار: نورة السالمي",
    "ما الذي يحدث في وادي السرو؟ وإلى أين تتجه المصالحة بعد عام من الاتفاق؟ "
    "هذه الأسئلة وغيرها طرحناها على الناشط سامر الحداد. وفيما يلي نص الحديث.",
]
TEASER = "مجلس الوادي يؤجل جلسة المصالحة"


def cut(lines: list[str]) -> tuple[Article, ...]:
    text = "\n".join(lines)
    return articles(split(Page(id="0" * 32, source="news.example", text=text, fetched_at="2026-11-22T00:00:00Z")))


@pytest.mark.parametrize("heading", ["حول هذه القصة", "المزيد حول هذه القصة", "قصص مقترحة"])
@pytest.mark.parametrize("below", [[], MORE[:3], MORE], ids=["pairs", "one more list", "two more lists"])
def test_titles_with_first_sentences_below_the_credit_leave_the_body(heading: str, below: list[str]) -> None:
    found = cut([*STORY, "المصدر : شبكة المدار + وكالات", heading, *PAIRS, *below])

    assert [(one.body.split("\n"), one.credit) for one in found] == [(STORY, "شبكة المدار + وكالات")]


@pytest.mark.parametrize("heading", ["اقرأ أيضا", "اقرأ أيضا:", "طالع أيضا", "أخبار ذات صلة"])
@pytest.mark.parametrize("asked", ["*", "* ", "• "])
@pytest.mark.parametrize("place", [2, 4, 6])
def test_an_interview_keeps_its_questions_around_a_teaser(heading: str, asked: str, place: int) -> None:
    lines = [line.replace("*", asked, 1) for line in QUESTIONS]

    found = cut([*HEAD, *lines[:place], heading, TEASER, *lines[place:]])

    assert [one.body.split("\n") for one in found] == [[*HEAD, *lines]]
    assert [title["title"] for title in found[0].teasers] == [TEASER]
    assert found[0].related == ()
