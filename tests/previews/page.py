"""A dashboard as a page: its panels where the saved object has them, each with what the index answers."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.previews import chart
from tests.support.panels import Panel, layer
from tests.support.vega import filled

LABEL = {
    "en": "Preview, drawn from the saved objects with the demonstration's invented news; not a picture of Kibana.",
    "ar": "معاينة مرسومة من الكائنات المحفوظة بأخبار مختلقة للعرض، وليست صورة من كيبانا.",
}
_STYLE = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
_DRAW = """
for (const {id, spec} of DRAWINGS) {
  const place = document.getElementById(id);
  const view = new vega.View(vega.parse(spec), {renderer: 'canvas', container: place});
  view.width(place.clientWidth).height(place.clientHeight).run();
}
"""


def page(title: str, language: str, panels: Iterable[tuple[Panel, Mapping[str, Any]]], library: str) -> str:
    """Returns the page as HTML; each panel comes with its answers by data set, `library` is Vega's source."""
    sections, drawings = [], []
    for number, (panel, answers) in enumerate(panels):
        place, body = f"panel-{number}", ""
        if panel.kind == "vega":
            drawings.append({"id": place, "spec": filled(panel.content, answers)})
        elif panel.kind == "search":
            body = _hits(panel, answers[""])
        else:
            body = _lens(panel, answers[""], place, drawings)
        grid = panel.grid
        where = f"grid-area: {grid['y'] + 1} / {grid['x'] + 1} / span {grid['h']} / span {grid['w']}"
        heading = f"<h2 dir='auto'>{html.escape(panel.title)}</h2>"
        sections.append(f"<section style='{where}'>{heading}<div class='body' id='{place}'>{body}</div></section>")
    heading = f"<h1 dir='auto'>{html.escape(title)}</h1><p class='label' dir='auto'>{LABEL[language]}</p>"
    script = _DRAW.replace("DRAWINGS", json.dumps(drawings, ensure_ascii=False).replace("</", "<\\/"))
    return (
        f"<!doctype html><html lang='{language}'><meta charset='utf-8'><style>{_STYLE}</style>"
        f"<body>{heading}<main>{''.join(sections)}</main><script>{library}</script><script>{script}</script></body></html>"
    )


def _lens(panel: Panel, answer: Mapping[str, Any], place: str, drawings: list[dict[str, Any]]) -> str:
    columns, found, visual = layer(panel)["columns"], chart.rows(panel, answer), panel.content["state"]["visualization"]
    match panel.content["visualizationType"]:
        case "lnsMetric":
            name = visual["metricAccessor"]
            label = html.escape(columns[name]["label"])
            return f"<div class='big' dir='auto'><small>{label}</small><bdi>{_shown(found[0][name], columns[name])}</bdi></div>"
        case "lnsDatatable":
            sorting = visual.get("sorting")
            if sorting:
                found.sort(key=lambda row: row[sorting["columnId"]] or 0, reverse=sorting["direction"] == "desc")
            return _table([(each["columnId"], columns[each["columnId"]]) for each in visual["columns"]], found)
        case _:
            drawings.append({"id": place, "spec": chart.vega(panel, found)})
            return ""


def _hits(panel: Panel, answer: Mapping[str, Any]) -> str:
    names = panel.content["columns"]
    found = [{name: _field(hit["fields"], name) for name in names} for hit in answer["hits"]["hits"]]
    return _table([(name, {"label": name, "operationType": "field", "dataType": "string"}) for name in names], found)


def _field(fields: Mapping[str, list[Any]], name: str) -> str:
    return ", ".join(map(str, fields.get(name.removesuffix(".raw"), ())))


def _table(columns: list[tuple[str, Mapping[str, Any]]], found: list[chart.Row]) -> str:
    classes = {name: " class='number'" if column["dataType"] == "number" else "" for name, column in columns}
    head = "".join(f"<th{classes[name]}><bdi>{html.escape(column['label'])}</bdi></th>" for name, column in columns)
    lines = (
        "".join(f"<td{classes[name]} dir='auto'>{_shown(row[name], column)}</td>" for name, column in columns) for row in found
    )
    return f"<table><tr>{head}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"


def _shown(value: Any, column: Mapping[str, Any]) -> str:
    if value is not None and column["operationType"] in ("min", "max"):
        return datetime.fromtimestamp(value / 1000, UTC).strftime("%Y-%m-%d %H:%M")
    return f"{value:,.0f}" if isinstance(value, (int, float)) else html.escape(str(value if value is not None else ""))
