"""Specifications of Vega, compiled and drawn by npm's vega in Chromium."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import platformdirs
import pytest
from playwright.sync_api import Page, sync_playwright

VERSION = "6.2.0"

_DRAW = """async ({spec, width, height}) => {
  const warnings = [];
  const logger = vega.logger(vega.Warn, 'warn', (method, level, input) => warnings.push([...input].join(' ')));
  const view = new vega.View(vega.parse(spec), {renderer: 'canvas', container: document.body, logger, hover: true});
  await view.width(width).height(height).runAsync();
  const texts = [], count = {};
  const walk = item => {
    if (item.marktype) {
      count[item.marktype] = (count[item.marktype] || 0) + item.items.length;
      item.items.forEach(walk);
      return;
    }
    if (typeof item.text === 'string' || typeof item.text === 'number') texts.push(String(item.text));
    (item.items || []).forEach(walk);
  };
  walk(view.scenegraph().root);
  return {warnings, texts, count};
}"""


def vega_library() -> Path:
    """The library as one file for a browser, fetched once into the user's cache; skips the test where npm is missing."""
    folder = platformdirs.user_cache_path("rafid") / f"vega-{VERSION}"
    library = folder / "node_modules/vega/build/vega.min.js"
    if not library.exists():
        if not shutil.which("npm"):
            pytest.skip("NOT TESTED: there is no npm to fetch vega with")
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--no-fund", "--no-audit", "--prefix", str(folder), f"vega@{VERSION}"],
            check=True,
            capture_output=True,
            timeout=240,
        )
    return library


def chromium() -> str:
    """The browser's path; skips the test where it is missing."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        pytest.skip("NOT TESTED: there is no Chromium to draw with")
    return found


def draw(spec: dict[str, Any], answers: dict[str, Any], picture: Path, *, width: int = 900, height: int = 500) -> dict[str, Any]:
    """The specification drawn with each data set's answer: `warnings`, `texts` shown, and `count` of items by type of mark."""
    library = vega_library()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page: Page = browser.new_page(viewport={"width": width + 20, "height": height + 20})
        page.set_content("<body style='margin:0;background:white'></body>")
        page.add_script_tag(path=str(library))
        drawn: dict[str, Any] = page.evaluate(_DRAW, {"spec": filled(spec, answers), "width": width, "height": height})
        page.screenshot(path=str(picture))
        browser.close()
    return drawn


def filled(spec: dict[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The specification with each data set's answer in it."""
    return spec | {"data": [_filled(data, answers) for data in spec["data"]]}


def _filled(data: dict[str, Any], answers: Mapping[str, Any]) -> dict[str, Any]:
    """The data set with its values in place of the request, as Kibana hands them to Vega."""
    if "url" not in data:
        return data
    rest = {key: value for key, value in data.items() if key != "url"}
    return rest | {"values": answers[data["name"]]}
