"""Invented bulletins that come every day with other numbers, in six families: what a copy finder must not take for copies."""

from __future__ import annotations

import random
from collections.abc import Callable

DAYS = ("الأحد", "الاثنين", "الثلاثاء", "الأربعاء", "الخميس", "الجمعة", "السبت")
CITIES = ("الرياض", "جدة", "مكة المكرمة", "المدينة المنورة", "الدمام", "أبها", "تبوك", "حائل", "جازان", "نجران", "الباحة", "عرعر")
BANKS = ("بنك النيل", "بنك الدلتا", "البنك الزراعي", "بنك الساحل", "بنك المدينة", "بنك التنمية", "البنك التجاري")


def _gold(chance: random.Random, day: str, date: str) -> str:
    ounce = chance.uniform(2300, 2700)
    gram = ounce * 1.55
    return (
        f"سجلت أسعار الذهب في الأسواق المحلية اليوم {day} {date} {chance.choice(['ارتفاعا', 'تراجعا', 'استقرارا'])} في "
        "مستهل التعاملات، وسط متابعة من التجار لحركة الأوقية في البورصات العالمية.\n"
        f"وبلغ سعر بيع الغرام عيار 24 نحو {gram:.0f} جنيها، فيما بلغ سعر شرائه {gram - 18:.0f} جنيها.\n"
        f"ووصل سعر بيع الغرام عيار 21 إلى {gram * 0.875:.0f} جنيها، وسعر شرائه إلى {gram * 0.875 - 15:.0f} جنيها.\n"
        f"وسجل الجنيه الذهب {gram * 7:.0f} جنيها، كما سجلت الأوقية عالميا {ounce:.2f} دولارا.\n"
        "ويقبل المستهلكون على شراء المشغولات في مواسم الأعراس، وتتفاوت المصنعية بين متجر وآخر بحسب التصميم والوزن."
    )


def _gold_with_advice(chance: random.Random, day: str, date: str) -> str:
    """Four numbers in two hundred words that never change: the hardest of the six."""
    ounce = chance.uniform(2300, 2700)
    del date
    return (
        f"يعرض الموقع لقرائه أسعار الذهب اليوم {day} كما وردت من محلات الصاغة، إذ يبحث كثيرون يوميا عن سعر المعدن الأصفر "
        "قبل الشراء أو البيع، ولا سيما المقبلون على الزواج ومن يرون في الذهب وعاء آمنا لمدخراتهم على المدى البعيد.\n"
        f"وبلغ سعر الغرام من عيار 21 اليوم {ounce * 1.36:.0f} جنيها، ومن عيار 18 نحو {ounce * 1.16:.0f} جنيها، بينما بلغ سعر "
        f"الأونصة {ounce:.0f} دولارا في آخر تحديث.\n"
        "ويرتبط سعر الذهب محليا بعوامل عدة، منها سعره في الأسواق العالمية، وسعر صرف العملة أمام الدولار، وحجم الطلب في "
        "المواسم، وما تقرره المصارف المركزية بشأن الفائدة، إذ يقل الإقبال على المعدن كلما زاد العائد على الودائع.\n"
        "وينصح المتعاملون من يشتري للادخار باختيار السبائك والجنيهات لأن مصنعيتها أقل، وبحفظ فاتورة الشراء التي تبين الوزن "
        "والعيار، وبالتأكد من الدمغة على كل قطعة، وبمقارنة الأسعار في أكثر من متجر قبل اتخاذ القرار.\n"
        "ويرى محللون أن اتجاه الأسعار في الأسابيع المقبلة يتوقف على بيانات التضخم في الاقتصادات الكبرى، وعلى ما تشهده "
        "الساحة الدولية من توترات تدفع المستثمرين إلى الملاذات الآمنة، أو هدوء يعيدهم إلى أسواق الأسهم."
    )


def _currencies(chance: random.Random, day: str, date: str) -> str:
    rate = chance.uniform(47, 52)
    lines = [f"أسعار صرف الدولار أمام الجنيه في المصارف اليوم {day} {date} عند بدء العمل."]
    for bank in BANKS:
        buy = rate + chance.uniform(-0.06, 0.06)
        lines.append(f"الدولار في {bank}: {buy:.2f} جنيه للشراء و{buy + 0.1:.2f} جنيه للبيع.")
    return "\n".join(lines)


def _weather(chance: random.Random, day: str, date: str) -> str:
    base = chance.randint(20, 36)
    lines = [
        f"يتوقع خبراء الأرصاد أن تشهد البلاد اليوم {day} {date} طقسا {chance.choice(['حارا', 'معتدلا', 'مائلا إلى الحرارة'])} "
        "في النهار على أغلب المناطق، ومعتدلا في الليل على المرتفعات."
    ]
    for city in CITIES:
        low, high = base - 9 + chance.randint(-3, 3), base + chance.randint(-3, 6)
        lines.append(f"{city}: الصغرى {low} درجة مئوية والعظمى {high} درجة مئوية.")
    lines.append("ودعت الهيئة السكان إلى تجنب أشعة الشمس وقت الظهيرة والإكثار من شرب السوائل.")
    return "\n".join(lines)


def _health(chance: random.Random, day: str, date: str) -> str:
    new, deaths, total = chance.randint(100, 2000), chance.randint(5, 60), chance.randint(300_000, 400_000)
    del date
    return (
        f"ذكرت وزارة الصحة اليوم {day} أن {chance.randint(200, 900)} مريضا غادروا المستشفيات بعد شفائهم، ليرتفع مجموع "
        f"المتعافين منذ بداية الجائحة إلى {total - 40_000} شخص في مختلف المحافظات.\n"
        f"وأفاد المتحدث باسم الوزارة بتسجيل {new} إصابة جديدة أكدتها الفحوص المخبرية، وبوفاة {deaths} مصابا خلال يوم واحد.\n"
        f"وأشار إلى أن مجموع الإصابات المسجلة وصل إلى {total} إصابة، منها {total // 20} انتهت بالوفاة.\n"
        "وتواصل الفرق الطبية متابعة المخالطين، وتدعو الوزارة الجميع إلى الالتزام بالإجراءات الوقائية في الأماكن المزدحمة."
    )


def _oil(chance: random.Random, day: str, date: str) -> str:
    price, word = chance.uniform(60, 95), chance.choice(["صعدت", "هبطت", "استقرت"])
    del date
    return (
        f"{word} أسعار النفط في تعاملات اليوم {day} مع ترقب المستثمرين لبيانات المخزونات الأمريكية واجتماع كبار المنتجين.\n"
        f"و{word} عقود خام القياس العالمي تسليم الشهر المقبل {chance.uniform(0.1, 2):.2f} دولار أو "
        f"{chance.uniform(0.1, 2.5):.1f} في المئة إلى {price:.2f} دولارا للبرميل، "
        f"و{word} عقود الخام الأمريكي {chance.uniform(0.1, 2):.2f} دولار إلى "
        f"{price - 4:.2f} دولارا للبرميل.\n"
        "ويتابع المتعاملون مؤشرات الطلب في آسيا، ولا سيما في أكبر بلد مستورد للخام، وسط قلق من تباطؤ الاقتصاد العالمي."
    )


FAMILIES: dict[str, Callable[[random.Random, str, str], str]] = {
    "gold": _gold,
    "gold with advice": _gold_with_advice,
    "currencies": _currencies,
    "weather": _weather,
    "health": _health,
    "oil": _oil,
}


def bulletins(family: str, days: int = 30) -> list[str]:
    """The bulletin of one family on each of so many days."""
    chance = random.Random(family)
    return [FAMILIES[family](chance, DAYS[day % 7], f"{day % 28 + 1} يناير 2025") for day in range(days)]
