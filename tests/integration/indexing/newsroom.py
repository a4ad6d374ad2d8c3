"""An index of invented stories under the real template, and how to ask it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from click.testing import CliRunner, Result
from elasticsearch import Elasticsearch

from indexing.elastic.settings import ElasticSettings
from indexing.generations.names import names
from indexing.generations.template import index_template
from indexing.search.query import SearchRequest
from indexing.search.search import SearchPage, search
from indexing.worker.documents import document, measure_article
from rafid import cli
from streams.identity import digest
from tests.unit.indexing.stories import article, verdict


@dataclasses.dataclass(frozen=True)
class Newsroom:
    """A filled index, and a client of its server."""

    client: Elasticsearch
    elastic: ElasticSettings
    namespace: str

    def ask(self, text: str, **fields: Any) -> SearchPage:
        """The answer of the articles to a question."""
        called = names(self.namespace)
        return search(self.client, called.articles, called.everything, SearchRequest(text=text, **fields))


def stories() -> Iterator[tuple[str, bytes]]:
    """A story with two copies and a fuller version, and others about this and that, as of now."""
    now = datetime.now(UTC).replace(microsecond=0)

    def one(
        name: str, title: str, body: str, kind: str = "new", story: str = "", hours: int = 1, **fields: Any
    ) -> tuple[str, bytes]:
        at = (now - timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M:%SZ")
        known = {"source": f"{name}.example", "language": "ar"}
        written = article(name, title=title, body=body, published_at=at, **(known | fields))
        return written.id, document(
            written, verdict(written, kind=kind, story_id=digest(story or name)), at, measure_article(written)
        )

    port = "قال وزير النقل إن توسعة ميناء الشرق ستبدأ الشهر المقبل وإن كلفتها تبلغ 4،2 مليون دولار."
    yield one("harbour", "وزير النقل يعلن توسعة الميناء", port, country="لبنان", section="اقتصاد", hours=2)
    yield one("harbour-copy", "توسعة الميناء", port, kind="copy", story="harbour", hours=2)
    yield one("harbour-other-copy", "توسعة الميناء", port, kind="abridged", story="harbour", hours=1)
    yield one("harbour-fuller", "تفاصيل توسعة الميناء", port + " " + port.replace("وزير", "رئيس"), kind="fuller", story="harbour")
    yield one("strike", "إضراب عمال الميناء", "بدأ عمال الميناء إضرابا احتجاجا على توسعة يرون أنها تهدد وظائفهم.", hours=60)
    yield one(
        "match",
        "المنتخب يفوز في المباراة",
        "فاز المنتخب الوطني على ضيفه بهدفين، وقال المدرب إن اللاعبين أدوا ما عليهم.",
        section="رياضة",
    )
    yield one("truce", "وقف إطلاق النار", "دخل وقف إطلاق النار حيز التنفيذ صباح اليوم بعد وساطة استمرت أسابيع.", hours=3)
    yield one("fire", "إطلاق حملة", "أعلنت البلدية إطلاق حملة للتوعية من النار، وقال رئيسها إن وقف الحرائق ممكن.", hours=3)
    yield one("english", "Oil price", "The price of Brent rose to 90 dollars, OPEC said.", language="en")
    yield one("from-to", "من إلى", "عنوان قصير لقصة عن السفر والرحلات الطويلة بين المدن.")


def filled(client: Elasticsearch, elastic: ElasticSettings, namespace: str) -> Newsroom:
    """The namespace has its template, and the stories in one month."""
    called = names(namespace)
    client.indices.put_index_template(name=called.template, **index_template(namespace))
    operations = [line for doc_id, body in stories() for line in ({"index": {"_id": doc_id}}, orjson.loads(body))]
    answer = client.bulk(index=called.index("2026-11"), operations=operations, refresh=True)
    assert not answer["errors"]
    return Newsroom(client, elastic, namespace)


def ids(answer: SearchPage) -> list[str]:
    """The ids of the hits, best first."""
    return [hit.id for hit in answer.hits]


def run(newsroom: Newsroom, *arguments: str) -> Result:
    """What `rafid` with these arguments did, asking this newsroom's index."""
    environment = {"RAFID_ELASTICSEARCH": newsroom.elastic.urls, "RAFID_NAMESPACE": newsroom.namespace}
    return CliRunner().invoke(cli, arguments, env=environment)
