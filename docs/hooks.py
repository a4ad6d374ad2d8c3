"""Pages of the site that nobody writes twice: the rooms' READMEs, and a reference made from the code.

mkdocs calls `on_files`; https://www.mkdocs.org/dev-guide/plugins/#on_files.
"""

from __future__ import annotations

import importlib.metadata
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

import rafid
from streams import asyncapi
from streams.topics import topics

ROOT = Path(__file__).parents[1]
# Page of the site -> where it stands in the checkout.
ROOMS = {
    "producers": "producers/README.md",
    "extract": "producers/extract/README.md",
    "split": "streams/split/README.md",
    "trials": "streams/trials/README.md",
    "dedup": "streams/dedup/README.md",
    "workers": "streams/workers/README.md",
    "schema": "indexing/schema/README.md",
    "console": "deploy/console/README.md",
    "kibana": "deploy/kibana/README.md",
    "compose": "deploy/compose/README.md",
    "kubernetes": "deploy/kubernetes/README.md",
    "systemd": "deploy/systemd/README.md",
    "architecture": "ARCHITECTURE.md",
    "security": "SECURITY.md",
    "changelog": "CHANGELOG.md",
}
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?!https?:|#)[^)]*\)")


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Adds the pages that are made; returns the files of the site."""
    made = {f"rooms/{name}.md": _room(ROOT / place) for name, place in ROOMS.items()}
    made |= {"reference/commands.md": "\n".join(commands()), "reference/records.md": "\n".join(records())}
    made["reference/asyncapi.json"] = json.dumps(asyncapi.document(importlib.metadata.version("rafid")), indent=2)
    for name, content in made.items():
        files.append(File.generated(config, name, content=content))
    return files


def commands() -> Iterator[str]:
    """Yields the page of every command, its options, their variables and defaults, line by line."""
    yield "# Commands and variables\n"
    yield "Every option is also an environment variable. Exit codes: 0 done, 1 failed (one line says why), 2 wrong usage.\n"
    for words, command in rafid.leaves(rafid.cli, ("rafid",)):
        path = " ".join(words)
        context = click.Context(command, info_name=path)
        usage = " ".join(command.collect_usage_pieces(context))
        yield f"## {path}\n"
        yield f"```text\n{path} {usage}\n```\n"
        yield f"{_prose(command.help)}\n"
        options = [option for option in command.params if isinstance(option, click.Option) and option.name != "help"]
        if options:
            yield "| option | variable | default | |\n|---|---|---|---|"
            for option in options:
                yield f"| `{option.opts[-1]}` | `{option.envvar}` | {_default(option)} | {_cell(option.help)} |"
            yield ""


def records() -> Iterator[str]:
    """Yields the page of topics and records, line by line."""
    yield "# Records and topics\n"
    yield "`rafid schema` prints all of this for programs: [AsyncAPI 3.0](asyncapi.json), or one record as JSON Schema.\n"
    yield "| topic | partitions | kept |\n|---|---|---|"
    for topic in topics().all():
        yield f"| `{topic.name}` | {topic.partitions} | {int(topic.config['retention.ms']) // 86_400_000} days |"
    for name, schema in asyncapi.json_schemas().items():
        yield f"\n## {name}\n\n{_prose(schema['description'])}\n"
        yield "| field | | |\n|---|---|---|"
        for field, told in schema["properties"].items():
            needed = "required" if field in schema.get("required", ()) else ""
            yield f"| `{field}` | {needed} | {_cell(told.get('description'))} |"


def _room(path: Path) -> str:
    """The README without links into the checkout, which the site does not have, and without pictures."""
    text = path.read_text(encoding="utf-8")
    return _LINK.sub(lambda link: "" if link[1] else link[2], text)


def _default(option: click.Option) -> str:
    value: Any = option.default
    is_given = isinstance(value, (str, int, float)) and not isinstance(value, bool) and value != ""
    return f"`{value}`" if is_given else ""


def _prose(text: str | None) -> str:
    return re.sub(r"[ \t]*\n[ \t]*", "\n", (text or "").replace("\f", "").replace("\b", "").strip())


def _cell(text: str | None) -> str:
    return _prose(text).replace("\n", " ").replace("|", "\\|")
