"""The document of our topics under the parser of AsyncAPI itself."""

from __future__ import annotations

import functools
import shutil
import subprocess
from pathlib import Path

import orjson
import platformdirs
import pytest

from streams import asyncapi

PARSER = "@asyncapi/parser@3.6.6"
PROGRAM = """
const { Parser } = require('@asyncapi/parser');
let text = '';
process.stdin.on('data', part => text += part).on('end', async () => {
  const { diagnostics } = await new Parser().parse(text);
  const faults = diagnostics.filter(found => found.severity === 0);
  console.log(JSON.stringify(faults.map(found => `${found.path.join('.')}: ${found.message}`)));
});
"""


@functools.cache
def parser() -> Path:
    """The folder in which npm has put the parser, once; skips the test when it cannot be had."""
    folder = platformdirs.user_cache_path("rafid") / PARSER.rpartition("@")[2].join(("asyncapi-parser-", ""))
    if not (folder / "ready").exists():
        if not shutil.which("npm"):
            pytest.skip("NO NPM: the AsyncAPI parser cannot be fetched, and the document is not checked by it")
        folder.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PARSER]
        installed = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
        if installed.returncode:
            pytest.skip(f"NO PARSER: npm could not install {PARSER}: {installed.stderr[-200:]}")
        (folder / "ready").touch()
    return folder


def faults(document: object) -> list[str]:
    told = subprocess.run(
        ["node", "-e", PROGRAM], cwd=parser(), input=orjson.dumps(document), capture_output=True, check=True, timeout=120
    )
    found: list[str] = orjson.loads(told.stdout)
    return found


def test_the_official_parser_finds_no_fault_in_our_document() -> None:
    assert faults(asyncapi.document("0.1.0")) == []


def test_the_official_parser_finds_a_spoilt_operation() -> None:
    spoilt = asyncapi.document("0.1.0")
    spoilt["operations"]["producePages"]["action"] = "shout"

    assert any("producePages.action" in fault for fault in faults(spoilt))
