"""Panels of a dashboard, and the requests that Kibana would send for them, derived from the saved objects."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from deploy.kibana.pack import SavedObject

# What a panel of a saved search asks beside its query: as many rows as `discover:sampleSize` has by default, with all fields.
SAVED_SEARCH: dict[str, Any] = {
    "size": 500,
    "sort": [{"@timestamp": "desc"}, {"_doc": "desc"}],
    "fields": [{"field": "*", "include_unmapped": True}],
    "_source": False,
}


class Panel(NamedTuple):
    """One panel: its dashboard's id, its own index, its kind, and the object of its content."""

    dashboard: str
    name: str
    kind: str
    title: str
    grid: dict[str, Any]
    content: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.dashboard}/{self.name}"


class Request(NamedTuple):
    """A search: the alias or index, the body, and for Vega the data set that the answer fills."""

    target: str
    body: dict[str, Any]
    data_set: str = ""


class Span(NamedTuple):
    """The time that a dashboard shows."""

    start: datetime
    end: datetime

    def range(self, field: str) -> dict[str, Any]:
        return {"range": {field: {"gte": self.start.isoformat(), "lte": self.end.isoformat()}}}


def panels(objects: list[SavedObject]) -> Iterator[Panel]:
    for saved in objects:
        if saved["type"] != "dashboard":
            continue
        for panel in saved["attributes"]["panelsJSON"]:
            config = panel["embeddableConfig"]
            kind, content = panel["type"], config.get("attributes", {})
            if kind == "visualization":
                kind, content = config["savedVis"]["type"], config["savedVis"]["params"]["spec"]
            yield Panel(saved["id"], panel["panelIndex"], kind, panel["title"], panel["gridData"], content)


def layer(panel: Panel) -> dict[str, Any]:
    found: dict[str, Any] = panel.content["state"]["datasourceStates"]["formBased"]["layers"]["main"]
    return found


def requests(panel: Panel, views: dict[str, dict[str, Any]], span: Span, query: str = "") -> list[Request]:
    """The searches of a panel when the dashboard's bar holds `query` (in Lucene's syntax)."""
    if panel.kind == "lens":
        return [_lens(panel, views, span, query)]
    if panel.kind == "vega":
        return [
            Request(data["url"]["index"], _vega_body(data["url"], span, query), data["name"])
            for data in panel.content["data"]
            if "url" in data
        ]
    view = views["rafid-articles"]
    return [Request(view["title"], SAVED_SEARCH | {"query": _all(span, view["timeFieldName"], query)})]


def _all(span: Span, field: str, *queries: str) -> dict[str, Any]:
    return {"bool": {"filter": [span.range(field)], "must": [_lucene(query) for query in queries if query]}}


def _lucene(query: str) -> dict[str, Any]:
    return {"query_string": {"query": query, "analyze_wildcard": True}}


def _lens(panel: Panel, views: dict[str, dict[str, Any]], span: Span, query: str) -> Request:
    view = views[panel.content["references"][0]["id"]]
    columns, order = layer(panel)["columns"], layer(panel)["columnOrder"]
    aggregations = {name: agg for name in order if not columns[name]["isBucketed"] and (agg := _metric(columns[name]))}
    for name in reversed([name for name in order if columns[name]["isBucketed"]]):
        by = columns[name].get("params", {}).get("orderBy", {}).get("columnId")
        ordering = {by: agg} if by and (agg := _metric(columns[by])) else {}  # stands beside what it orders
        inner = aggregations | ordering
        aggregations = {name: _bucket(columns[name], span, columns) | ({"aggs": inner} if inner else {})}
    own = panel.content["state"]["query"]
    assert own["language"] == "lucene" or not own["query"], "derived for Lucene's syntax alone"
    body = {
        "size": 0,
        "track_total_hits": True,
        "query": _all(span, view["timeFieldName"], query, own["query"]),
        "aggs": aggregations,
    }
    return Request(view["title"], body)


def _metric(column: dict[str, Any]) -> dict[str, Any] | None:
    field = column["sourceField"]
    match column["operationType"]:
        case "count":
            assert field == "___records___"
            return None
        case "unique_count":
            return {"cardinality": {"field": field}}
        case "min" | "max" as operation:
            return {operation: {"field": field}}
        case "last_value":
            assert column["params"]["showArrayValues"], "else Kibana asks for top_metrics, which not every distribution has"
            sort = [{column["params"]["sortField"]: "desc"}]
            newest = {"top_hits": {"size": 1, "_source": False, "docvalue_fields": [field], "sort": sort}}
            return {"filter": _lucene(column["filter"]["query"]), "aggs": {"newest": newest}}
        case other:
            raise AssertionError(f"no request is derived for {other}")


def _bucket(column: dict[str, Any], span: Span, columns: dict[str, Any]) -> dict[str, Any]:
    params = column["params"]
    match column["operationType"]:
        case "terms":
            size, order = params["size"], params["orderBy"]
            if order["type"] == "significant":
                return {"significant_terms": {"field": column["sourceField"], "size": size, "min_doc_count": 1}}
            by = columns[order["columnId"]]
            key = "_count" if by["operationType"] == "count" else order["columnId"]
            return {"terms": {"field": column["sourceField"], "size": size, "order": {key: params["orderDirection"]}}}
        case "date_histogram":
            step_s = max(60, round((span.end - span.start).total_seconds() / 60))
            return {"date_histogram": {"field": column["sourceField"], "fixed_interval": f"{step_s}s", "min_doc_count": 0}}
        case "filters":
            return {"filters": {"filters": {each["label"]: _lucene(each["input"]["query"]) for each in params["filters"]}}}
        case other:
            raise AssertionError(f"no request is derived for {other}")


def _vega_body(url: dict[str, Any], span: Span, query: str) -> dict[str, Any]:
    """The body as Kibana sends it: with times, and with the dashboard's context where it is asked for, whole or by clauses."""
    bar = {"must": [_lucene(query)] if query else [], "filter": [], "must_not": []}
    body: dict[str, Any] = _timed(url["body"], span)
    body["query"] = _in_context(body.get("query", {}), bar)
    if url.get("%context%"):
        assert not body["query"], "Kibana refuses a query beside %context%"
        body["query"] = _all(span, url["%timefield%"], query)
    return body if body["query"] else {key: value for key, value in body.items() if key != "query"}


def _in_context(value: Any, bar: dict[str, list[Any]]) -> Any:
    """The query with the clauses of the dashboard's bar in their places; only in lists, as Kibana has it."""
    if isinstance(value, dict):
        return {key: _in_context(item, bar) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    clauses = {f"%dashboard_context-{name}_clause%": found for name, found in bar.items()}
    return [
        each
        for item in value
        for each in (clauses[item] if isinstance(item, str) and item in clauses else [_in_context(item, bar)])
    ]


def _timed(value: Any, span: Span) -> Any:
    if isinstance(value, list):
        return [_timed(item, span) for item in value]
    if not isinstance(value, dict):
        return value
    bound = value.get("%timefilter%")
    if bound is True:
        return {"gte": span.start.isoformat(), "lte": span.end.isoformat()}
    if bound in ("min", "max"):
        assert value.get("unit", "day") == "day"
        moment = (span.start if bound == "min" else span.end) + timedelta(days=value.get("shift", 0))
        return round(moment.timestamp() * 1000)
    return {key: _timed(item, span) for key, item in value.items()}
