"""Hypothesis strategies for the records and for what they are made of; all of them generate what the contract allows."""

from __future__ import annotations

import string
from typing import Any

from hypothesis import strategies as st

from streams.records import KINDS, ROLES, Article, DeadLetter, Page, Record, Verdict, field_names

# Letters as newsrooms write them: Arabic and Farsi ones, marks, tatweel, all three sets of digits, Latin, invisible controls.
LETTERS = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةىپچژکگی" + "ًٌَُِّْـ" + "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹0123456789" + "abcXYZ"
SIGNS = " \n\t.,:;!?؟،؛«»\"'()/-–•" + "\u200c\u200e\u200f\u00a0\ufeff"

words = st.text(st.sampled_from(LETTERS), min_size=1, max_size=10)
sentences = st.lists(words, min_size=1, max_size=12).map(" ".join)
arabic = st.text(st.sampled_from(LETTERS + SIGNS), max_size=80)
# Everything that JSON in UTF-8 can carry: no surrogates.
texts = st.one_of(arabic, sentences, st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
ids = st.binary(min_size=16, max_size=16).map(bytes.hex)
times = st.datetimes().map(lambda time: time.isoformat() + "Z")
months = st.dates().map(lambda day: day.isoformat()[:7])
counts = st.integers(0, 2**63 - 1)
shares = st.floats(0, 1)

# JSON values that decode to what was encoded: orjson has 64-bit integers and no infinities.
json_values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(allow_nan=False, allow_infinity=False), texts
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=6,
)

hosts = st.lists(
    st.one_of(
        st.text(st.sampled_from(string.ascii_lowercase + string.digits), min_size=1, max_size=8),
        st.sampled_from(["مثال", "أخبار", "الخبر", "موقع"]),
    ),
    min_size=1,
    max_size=3,
).map(lambda labels: ".".join([*labels, "example"]))
_path_letters = st.sampled_from(LETTERS + string.ascii_letters + "-._~!$'()*,;:@% /")
paths = st.text(_path_letters, max_size=30).map(lambda path: "/" + path)
queries = st.lists(
    st.tuples(
        st.text(st.sampled_from(string.ascii_letters + "_-بص%5F"), max_size=6),
        st.text(_path_letters.filter(str.strip), max_size=8),
    ),
    max_size=3,
).map(lambda pairs: "&".join("=".join(pair) for pair in pairs))
urls = st.builds(
    lambda scheme, host, port, path, query: f"{scheme}://{host}{port}{path}" + (f"?{query}" if query else ""),
    st.sampled_from(["http", "https", "HTTP", "Https"]),
    hosts,
    st.sampled_from(["", "", ":80", ":443", ":8080"]),
    paths,
    queries,
)


def extras(record: type[Record]) -> st.SearchStrategy[dict[str, Any]]:
    """Fields that this version of the record does not know."""
    return st.dictionaries(texts.filter(lambda key: key not in field_names(record)), json_values, max_size=3)


def _optional(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), strategy)


def _links(text: str) -> st.SearchStrategy[tuple[tuple[int, int, str], ...]]:
    spans = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    return st.lists(st.builds(lambda span, href: (*span, href), spans, urls), max_size=3).map(tuple)


_descriptive: dict[str, st.SearchStrategy[Any]] = {
    "source": texts,
    "source_id": _optional(texts),
    "url": _optional(urls),
    "published_at": _optional(times),
    "published_raw": _optional(texts),
    "modified_at": _optional(times),
    "fetched_at": times,
    "language": _optional(st.sampled_from(["ar", "fa", "en"])),
    "country": _optional(texts),
    "section": _optional(texts),
    "author": _optional(texts),
    "tags": st.lists(texts, max_size=3).map(tuple),
}
_titles = st.lists(
    st.one_of(
        st.fixed_dictionaries({"title": texts}),
        st.fixed_dictionaries({"title": texts, "url": urls, "kind": st.sampled_from(["similar", "read_also"])}),
    ),
    max_size=3,
).map(tuple)
_segments = st.lists(
    st.builds(
        lambda span, kind: {"start": span[0], "end": span[1], "kind": kind},
        st.tuples(st.integers(0, 9_000), st.integers(0, 9_000)).map(sorted),
        st.sampled_from(["body", "similar_list", "source_credit"]),
    ),
    max_size=4,
).map(tuple)

pages = texts.flatmap(
    lambda text: st.builds(
        Page, id=ids, title=_optional(texts), text=st.just(text), links=_links(text), extra=extras(Page), **_descriptive
    )
)
articles = st.builds(
    Article,
    id=ids,
    page_id=ids,
    role=st.sampled_from(ROLES),
    title=_optional(texts),
    body=texts,
    teasers=_titles,
    related=_titles,
    credit=_optional(texts),
    keywords=_optional(texts),
    segments=_segments,
    extra=extras(Article),
    **_descriptive,
)
verdicts = st.builds(
    Verdict,
    kind=st.sampled_from(KINDS),
    doc_id=ids,
    story_id=ids,
    version=counts,
    month=months,
    known=st.booleans(),
    first_seen=times,
    edition_of=_optional(ids),
    jaccard=_optional(shares),
    containment=_optional(shares),
    rule=_optional(texts),
    extra=extras(Verdict),
)
dead_letters = st.builds(
    DeadLetter,
    stage=st.sampled_from(["produce", "split", "dedup", "index"]),
    reason=texts,
    error=texts,
    attempts=counts,
    topic=_optional(texts),
    partition=_optional(counts),
    offset=_optional(counts),
    failed_at=times,
    length=_optional(counts),
    sha256=_optional(texts),
    left_out=_optional(texts),
    extra=extras(DeadLetter),
)
