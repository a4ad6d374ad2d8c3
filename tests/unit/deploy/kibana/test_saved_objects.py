"""The saved objects as data: what Kibana would find wrong with them only when someone opens a dashboard."""

from __future__ import annotations

import itertools
import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from deploy.kibana.dead_letters import MAPPINGS
from deploy.kibana.pack import LANGUAGES, SavedObject, packed, saved_objects, shown_texts
from tests.support.panels import Panel, layer, panels

ROOT = Path(__file__).parents[4]
OBJECTS = saved_objects()
VIEWS = {saved["id"]: saved["attributes"] for saved in OBJECTS if saved["type"] == "index-pattern"}
DASHBOARDS = [saved for saved in OBJECTS if saved["type"] == "dashboard"]
PANELS = list(panels(OBJECTS))
LENS = [panel for panel in PANELS if panel.kind == "lens"]
VEGA = [panel for panel in PANELS if panel.kind == "vega"]
SUITS = {
    "terms": {"keyword"},
    "significant": {"keyword"},
    "date_histogram": {"date"},
    "unique_count": {"keyword"},
    "last_value": {"keyword"},
    "min": {"date"},
    "max": {"date"},
}


def field_types(index: str) -> dict[str, str]:
    """Each field of an index by its full name."""
    mapping: Any = (
        MAPPINGS if index.endswith("dead-letters") else json.loads((ROOT / "indexing/schema/mappings.json").read_text())
    )
    types = {}
    for name, field in mapping["properties"].items():
        types[name] = field["type"]
        types.update((f"{name}.{sub}", inner["type"]) for sub, inner in field.get("fields", {}).items())
    return types


def test_there_are_four_dashboards_on_views_of_our_aliases() -> None:
    assert [saved["id"] for saved in DASHBOARDS] == ["rafid-health", "rafid-search", "rafid-spread", "rafid-trends"]
    assert {view["title"] for view in VIEWS.values()} == {"articles", "sightings", "news", "news-dead-letters"}
    assert all(view["timeFieldName"] in field_types(view["title"]) for view in VIEWS.values())


def test_a_file_is_named_by_the_id_of_its_object() -> None:
    folder = files("deploy.kibana").joinpath("objects")

    assert {file.name: json.loads(file.read_bytes())["id"] + ".json" for file in folder.iterdir()} == {
        file.name: file.name for file in folder.iterdir()
    }


def test_objects_are_of_versions_that_8_19_and_9_import() -> None:
    versions = {saved["type"]: (saved["coreMigrationVersion"], saved["typeMigrationVersion"]) for saved in OBJECTS}

    assert versions == {"index-pattern": ("8.8.0", "8.0.0"), "search": ("8.8.0", "8.0.0"), "dashboard": ("8.8.0", "10.2.0")}


@pytest.mark.parametrize("namespace", ["news", "other"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_reference_leads_to_an_object_of_the_pack(language: str, namespace: str) -> None:
    objects = saved_objects(language, namespace)
    there = {(saved["type"], saved["id"]) for saved in objects}

    dangling = [
        (saved["id"], each) for saved in objects for each in saved["references"] if (each["type"], each["id"]) not in there
    ]

    assert dangling == []


@pytest.mark.parametrize("saved", DASHBOARDS, ids=lambda saved: saved["id"])
def test_a_dashboard_refers_to_what_its_panels_and_controls_need_and_to_nothing_else(saved: SavedObject) -> None:
    needed = {
        f"controlGroup_{name}:optionsListDataView"
        for name in saved["attributes"].get("controlGroupInput", {}).get("panelsJSON", ())
    }
    for panel in saved["attributes"]["panelsJSON"]:
        if panel["type"] == "lens":
            (inner,) = panel["embeddableConfig"]["attributes"]["references"]
            needed.add(f"{panel['panelIndex']}:{inner['name']}")
            (outer,) = (each for each in saved["references"] if each["name"] == f"{panel['panelIndex']}:{inner['name']}")
            assert outer["id"] == inner["id"]
        elif panel["type"] == "search":
            needed.add(f"{panel['panelIndex']}:{panel['panelRefName']}")

    assert {each["name"] for each in saved["references"]} == needed


@pytest.mark.parametrize("saved", DASHBOARDS, ids=lambda saved: saved["id"])
def test_panels_lie_on_the_grid_and_on_no_other(saved: SavedObject) -> None:
    grids = [panel["gridData"] for panel in saved["attributes"]["panelsJSON"]]
    assert all(grid["i"] == panel["panelIndex"] for grid, panel in zip(grids, saved["attributes"]["panelsJSON"], strict=True))
    assert all(grid["x"] >= 0 and grid["x"] + grid["w"] <= 48 for grid in grids)
    overlapping = [
        (a["i"], b["i"])
        for a, b in itertools.combinations(grids, 2)
        if a["x"] < b["x"] + b["w"] and b["x"] < a["x"] + a["w"] and a["y"] < b["y"] + b["h"] and b["y"] < a["y"] + a["h"]
    ]

    assert overlapping == []


@pytest.mark.parametrize("panel", PANELS, ids=str)
def test_a_panel_has_a_title_that_tells_it_from_the_others(panel: Panel) -> None:
    assert [other.name for other in PANELS if other.dashboard == panel.dashboard and other.title == panel.title] == [panel.name]


@pytest.mark.parametrize("panel", LENS, ids=str)
def test_a_column_reads_a_field_of_a_type_that_suits_it(panel: Panel) -> None:
    types = field_types(VIEWS[panel.content["references"][0]["id"]]["title"])
    for name, column in layer(panel)["columns"].items():
        if column["operationType"] in ("count", "filters"):
            continue
        assert types.get(column["sourceField"]) in SUITS[column["operationType"]], f"{name}: {column['sourceField']}"
        sort = column["params"].get("sortField")
        assert sort is None or types[sort] == "date"


@pytest.mark.parametrize("panel", LENS, ids=str)
def test_columns_and_the_picture_agree(panel: Panel) -> None:
    columns, state = layer(panel)["columns"], panel.content["state"]["visualization"]
    assert sorted(layer(panel)["columnOrder"]) == sorted(columns)
    buckets = [columns[name]["isBucketed"] for name in layer(panel)["columnOrder"]]
    assert buckets == sorted(buckets, reverse=True), "buckets come before metrics"
    used: set[str] = set()
    for key, value in [pair for part in (state, *state.get("layers", ())) for pair in part.items()]:
        if key in ("metricAccessor", "xAccessor", "splitAccessor"):
            used.add(value)
        elif key in ("accessors", "primaryGroups", "metrics"):
            used.update(value)
        elif key == "columns":
            used.update(column["columnId"] for column in value)

    assert used == set(columns)


@pytest.mark.parametrize("saved", DASHBOARDS, ids=lambda saved: saved["id"])
def test_controls_list_keywords(saved: SavedObject) -> None:
    controls = saved["attributes"].get("controlGroupInput", {}).get("panelsJSON", {})

    assert {field_types("articles").get(control["explicitInput"]["fieldName"]) for control in controls.values()} <= {"keyword"}


def fields_in(value: Any) -> set[str]:
    """The names under `field` in a request."""
    if isinstance(value, list):
        return set().union(*map(fields_in, value))
    if not isinstance(value, dict):
        return set()
    own = {value["field"]} if isinstance(value.get("field"), str) else set()
    return own.union(*map(fields_in, value.values()))


@pytest.mark.parametrize("panel", VEGA, ids=str)
def test_a_request_of_vega_reads_fields_that_are_there(panel: Panel) -> None:
    for data in panel.content["data"]:
        if "url" in data:
            assert fields_in(data["url"]["body"]) <= {
                *field_types(data["url"]["index"]),
                "_seq_no",
            }  # every document has that one


def test_packing_gives_the_same_bytes_and_strings_of_json() -> None:
    data = packed(saved_objects())

    assert data == packed(saved_objects())
    lines = [json.loads(line) for line in data.splitlines()]
    assert len(lines) == len(OBJECTS)
    for saved in lines:
        if saved["type"] == "dashboard":
            decoded = json.loads(saved["attributes"]["panelsJSON"])
            assert all(
                json.loads(panel["embeddableConfig"]["savedVis"]["params"]["spec"])
                for panel in decoded
                if panel["type"] == "visualization"
            )
            assert isinstance(saved["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"], str)
        if saved["type"] == "index-pattern":
            assert json.loads(saved["attributes"]["fields"]) == []


def test_every_text_has_its_arabic() -> None:
    texts = json.loads(files("deploy.kibana").joinpath("texts-ar.json").read_bytes())
    english = {text for saved in OBJECTS if saved["type"] != "index-pattern" for text in shown_texts(saved)}
    arabic = {text for saved in saved_objects("ar") if saved["type"] != "index-pattern" for text in shown_texts(saved)}

    assert english - set(texts) == set()
    assert arabic & english == set()
    assert all(any("\u0621" <= char <= "\u064a" for char in text) for text in arabic)


def test_dashboards_of_two_languages_and_namespaces_stand_side_by_side() -> None:
    ids = [
        {saved["id"] for saved in saved_objects(language, namespace) if saved["type"] != "index-pattern"}
        for language in LANGUAGES
        for namespace in ("news", "other")
    ]

    assert sum(map(len, ids)) == len(set().union(*ids))


def test_objects_of_a_namespace_show_its_indices() -> None:
    objects = saved_objects("en", "other")

    titles = {saved["attributes"]["title"] for saved in objects if saved["type"] == "index-pattern"}
    asked = {
        data["url"]["index"]
        for panel in panels(objects)
        if panel.kind == "vega"
        for data in panel.content["data"]
        if "url" in data
    }
    assert titles == {"other-articles", "other-sightings", "other", "other-dead-letters"}
    assert asked <= titles
