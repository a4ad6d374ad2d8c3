"""Pages whose lists, lines and words are their own: nothing of them leaves the body. All texts are invented."""

from __future__ import annotations

import pytest

from streams.records import Page
from streams.split.splitter import split
from streams.split.stories import articles

FIRST = "أعلن اتحاد الكرة في الوادي أمس عدد الجماهير المسموح بدخولها إلى الملاعب في الجولة المقبلة من دوري المدن الساحلية."
LAST = "وقال الاتحاد إن القرار يسري حتى نهاية الموسم، وإن الأندية ستبلغ بأي تعديل قبل أسبوع من موعد المباراة على الأقل."
CAPACITIES = [
    "ملعب رأس النخيل البلدي الكبير : 2500 متفرج",
    "ملعب حي الصيادين في العين الزرقاء : 1400 متفرج",
    "مركب تل الريحان الرياضي الجديد : 1500 متفرج",
    "الملعب الأولمبي في سهل الرمان : 7500 متفرج",
    "ملعب جزيرة اللؤلؤ القديم المسقوف : 1000 متفرج",
    "ملعب وادي السرو الجنوبي المكشوف : 900 متفرج",
]
SUMMITS = [
    f"قمة المدن الساحلية {name} في جزيرة اللؤلؤ" for name in ("الأولى", "الثانية", "الثالثة", "الرابعة", "الخامسة", "السادسة")
]
SCHEDULE = [
    "الأهلي الساحلي - نجوم الوادي على ملعب الميناء",
    "اتحاد الصيادين - شباب تل الريحان على ملعب النخيل",
    "فريق العين الزرقاء - أبناء السرو على ملعب الرمان",
    "وحدة الجزيرة - قدامى الميناء على الملعب القديم",
    "نادي المعلمين - اتحاد البحارة على ملعب البلدية",
]
RESULTS = [f"نتيجة المجموعة رقم {n} من التصفيات بعد ثلاث جولات" for n in range(1, 7)]
POEM = [
    "يا ساحل النخل هل مرت بنا السفن",
    "أم ضاع في الموج من كانوا لنا سكنا",
    "نمضي ونترك للأطيار منزلنا",
    "والريح تحمل من أخبارنا شجنا",
]
RECIPE = ["كوبان من الدقيق المنخول", "ملعقة كبيرة من السكر", "نصف كوب من زيت الزيتون", "رشة ملح"]


@pytest.mark.parametrize(
    "own",
    [
        pytest.param(CAPACITIES, id="capacities"),
        pytest.param(SUMMITS, id="summits"),
        pytest.param(SCHEDULE, id="schedule"),
        pytest.param(RESULTS, id="results"),
        pytest.param(POEM, id="poem"),
        pytest.param(RECIPE, id="recipe"),
        pytest.param(["المصدر: إن المسلحين انسحبوا من القرية قبل وصول الدورية."], id="source as a speaker"),
        pytest.param(["*وما البديل الذي تقترحونه؟", "-اقترحنا الانتظار حتى نهاية الموسم، ولم نتلق جوابا."] * 3, id="interview"),
    ],
)
@pytest.mark.parametrize("continues_report", [True, False], ids=["between paragraphs", "at the end"])
def test_a_list_of_the_storys_own_stays(own: list[str], continues_report: bool) -> None:
    text = "\n".join([FIRST, LAST, *own, *([LAST] if continues_report else [])])

    assert body_of(text) == text


@pytest.mark.parametrize("announcement", ["وتقام وفق البرنامج التالي.", "والمواعيد كالآتي.", "ونشر ما يلي."])
def test_titles_that_a_closed_sentence_announces_stay(announcement: str) -> None:
    titles = [
        "افتتاح الدورة بحضور رئيس الاتحاد ونوابه",
        "عرض تقدمه فرقة الميناء للفنون الشعبية",
        "كلمة ممثل اللاعبين القدامى في المدينة",
    ]
    text = "\n".join([FIRST, f"{LAST[:-1]} {announcement}", *titles, LAST])

    assert body_of(text) == text


def test_a_teaser_whose_title_a_list_of_the_page_repeats_leaves_the_body() -> None:
    title = "مصنع السكر في تل الريحان يعود إلى العمل بعد توقف"
    others = ["أسعار القمح تقفز لليوم الرابع في الأسواق", title, "نجاة طفل بعد ساعات في البحر"]

    assert body_of("\n".join([FIRST, LAST, LAST, title, LAST, "مقالات مشابهة", *others])) == "\n".join([FIRST, LAST, LAST, LAST])


def test_a_digest_that_its_list_repeats_stays() -> None:
    titles = [f"{word} في أسواق الميناء القديم هذا الصباح" for word in ("ارتفاع القمح", "هبوط الذهب", "هدوء النفط", "ركود السمك")]
    digest = "\n".join([FIRST, LAST, LAST, *(line for title in titles for line in (title, LAST))])

    assert body_of("\n".join([digest, "مقالات مشابهة", *titles])) == digest


def body_of(text: str) -> str:
    page = Page(id="0" * 32, source="news.example", text=text, fetched_at="2026-11-22T00:00:00Z")
    return articles(split(page))[0].body
