"""Articles as a local web serves them, and the pages that came of them."""

from __future__ import annotations

from streams.connect.kafka import KafkaSettings
from streams.records import Page
from streams.topics import topics
from tests.support.servers import read_all

PARAGRAPH = "أعلنت البلدية في بيان صدر صباح اليوم أن أعمال الصيانة في الشارع الرئيسي ستستمر ثلاثة أسابيع"


def article(number: int, words: str = "") -> str:
    """An article of four paragraphs, which differ from those of every other number."""
    body = "".join(f"<p>{PARAGRAPH} الفقرة {part} من الخبر {number}. {words}</p>" for part in range(4))
    title = f"الخبر رقم {number}"
    head = f"<html lang='ar'><head><title>{title}</title></head>"
    return f"{head}<body><article><h1>{title}</h1>{body}</article></body></html>"


def pages(kafka: KafkaSettings) -> list[Page]:
    """All pages on the topic."""
    return [Page.from_bytes(message.value or b"") for message in read_all(kafka, topics(kafka.namespace).pages.name)]
