"""What a Lens panel shows of an answer: rows, and the chart of them as a specification of Vega."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.panels import Panel, layer

COLOURS = ["#00a69b", "#5f7bbf", "#e07a5f", "#d9a441", "#8a5a9e", "#4c9f50", "#b85c8a", "#7a8794", "#2f6690", "#c9704b"]
Row = dict[str, Any]


def rows(panel: Panel, answer: Mapping[str, Any]) -> list[Row]:
    """Returns a row for each bucket of the innermost column, by the ids of the columns; times are in ms since 1970."""
    columns, order = layer(panel)["columns"], layer(panel)["columnOrder"]
    buckets = [name for name in order if columns[name]["isBucketed"]]
    metrics = {name: columns[name] for name in order if not columns[name]["isBucketed"]}
    whole = answer.get("aggregations", {}) | {"doc_count": answer["hits"]["total"]["value"]}
    return list(_rows(whole, buckets, metrics))


def _rows(found: Mapping[str, Any], buckets: list[str], metrics: Mapping[str, Any]) -> Iterator[Row]:
    if not buckets:
        yield {name: _value(found, name, column) for name, column in metrics.items()}
        return
    inner: Any = found[buckets[0]]["buckets"]
    named = inner.items() if isinstance(inner, dict) else ((bucket["key"], bucket) for bucket in inner)
    for key, bucket in named:
        for row in _rows(bucket, buckets[1:], metrics):
            yield {buckets[0]: key, **row}


def _value(found: Mapping[str, Any], name: str, column: Mapping[str, Any]) -> Any:
    if column["operationType"] == "count":
        return found["doc_count"]
    if column["operationType"] == "last_value":
        hits = found[name]["newest"]["hits"]["hits"]
        return hits[0]["fields"][column["sourceField"]][0] if hits and "fields" in hits[0] else ""
    return found[name]["value"]


def vega(panel: Panel, drawn: list[Row]) -> dict[str, Any]:
    """Returns the specification of a chart; raises KeyError for a kind that no dashboard of ours has."""
    kind = {"lnsXY": _bars, "lnsPie": _donut}[panel.content["visualizationType"]]
    return {
        "$schema": "https://vega.github.io/schema/vega/v6.json",
        "padding": 8,
        "autosize": {"type": "fit", "contains": "padding"},
    } | kind(panel, drawn)


def _bars(panel: Panel, drawn: list[Row]) -> dict[str, Any]:
    visual, columns = panel.content["state"]["visualization"]["layers"][0], layer(panel)["columns"]
    across, by, height = visual["xAccessor"], visual["splitAccessor"], visual["accessors"][0]
    is_over_time = columns[across]["operationType"] == "date_histogram"
    is_share = "percentage" in visual["seriesType"]
    stack = {
        "type": "stack",
        "groupby": ["x"],
        "field": "y",
        "sort": {"field": "by"},
        "offset": "normalize" if is_share else "zero",
    }
    values = [{"x": row[across], "by": row[by], "y": row[height]} for row in drawn]
    area = visual["seriesType"].startswith("area")
    if area:
        # An area has a point for each series at each time.
        there = {(value["x"], value["by"]) for value in values}
        names = sorted({value["by"] for value in values})
        values += [{"x": x, "by": name, "y": 0} for x in {v["x"] for v in values} for name in names if (x, name) not in there]
    along = {"type": "utc" if area else "band", "domain": {"data": "rows", "field": "x", "sort": True}}
    side, upright = ("height", "width") if is_share else ("width", "height")
    scales = [
        {"name": "along", "range": side, **along} | ({} if area else {"padding": 0.15}),
        {"name": "up", "type": "linear", "range": upright, "domain": {"data": "rows", "field": "y1"}, "nice": True},
        _colour("by"),
    ]
    axes = [
        {"scale": "along", "orient": "left" if is_share else "bottom", "labelOverlap": "greedy"}
        | ({"formatType": "utc", "format": "%d.%m. %H:%M"} if is_over_time else {}),
        {"scale": "up", "orient": "bottom" if is_share else "left", "grid": True, "gridOpacity": 0.3}
        | ({"format": ".0%"} if is_share else {"title": columns[height]["label"], "tickMinStep": 1}),
    ]
    return {
        "data": [{"name": "rows", "values": values, "transform": [stack]}],
        "scales": scales,
        "axes": axes,
        "legends": [_legend()],
        "marks": [_area() if area else _bar(is_share)],
    }


def _bar(is_share: bool) -> dict[str, Any]:
    along, size, low, high = ("y", "height", "x", "x2") if is_share else ("x", "width", "y", "y2")
    placed = {
        along: {"scale": "along", "field": "x"},
        size: {"scale": "along", "band": 1},
        low: {"scale": "up", "field": "y0"},
        high: {"scale": "up", "field": "y1"},
        "fill": {"scale": "colour", "field": "by"},
    }
    return {"type": "rect", "from": {"data": "rows"}, "encode": {"update": placed}}


def _area() -> dict[str, Any]:
    placed = {
        "x": {"scale": "along", "field": "x"},
        "y": {"scale": "up", "field": "y0"},
        "y2": {"scale": "up", "field": "y1"},
        "fill": {"scale": "colour", "field": "by"},
    }
    of_one = {"type": "area", "from": {"data": "series"}, "sort": {"field": "datum.x"}, "encode": {"update": placed}}
    facet = {"name": "series", "data": "rows", "groupby": "by"}
    return {"type": "group", "from": {"facet": facet}, "marks": [of_one]}


def _donut(panel: Panel, drawn: list[Row]) -> dict[str, Any]:
    visual = panel.content["state"]["visualization"]["layers"][0]
    group, metric = visual["primaryGroups"][0], visual["metrics"][0]
    values = [{"by": row[group], "y": row[metric]} for row in drawn]
    ring = {
        "x": {"signal": "width / 2"},
        "y": {"signal": "height / 2"},
        "startAngle": {"field": "startAngle"},
        "endAngle": {"field": "endAngle"},
        "outerRadius": {"signal": "min(width, height) / 2"},
        "innerRadius": {"signal": "min(width, height) / 4"},
        "fill": {"scale": "colour", "field": "by"},
        "stroke": {"value": "white"},
    }
    return {
        "data": [{"name": "rows", "values": values, "transform": [{"type": "pie", "field": "y"}]}],
        "scales": [_colour("by")],
        "legends": [_legend()],
        "marks": [{"type": "arc", "from": {"data": "rows"}, "encode": {"update": ring}}],
    }


def _colour(field: str) -> dict[str, Any]:
    domain = {"data": "rows", "field": field}
    return {"name": "colour", "type": "ordinal", "domain": domain, "range": COLOURS}


def _legend() -> dict[str, Any]:
    return {"fill": "colour", "orient": "right", "labelLimit": 170}
