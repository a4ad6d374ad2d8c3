"""What an audit found, on disk beside its first lines: a million faults must not fill the memory."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.audit.law import Fault, Finding, unpacked
from streams.topics import Topics

SHOWN = 20


class Findings:
    """Findings as lines of JSON in a file of this folder; the first are kept at hand."""

    def __init__(self, folder: Path, our_topics: Topics) -> None:
        self.first: list[dict[str, Any]] = []
        self._path = folder / "findings"
        self._file = self._path.open("w", encoding="utf-8")
        # The topic that the position of a finding is on.
        self._topics: Mapping[Fault, str] = {
            Fault.ARTICLE_WITHOUT_PAGE: our_topics.articles.name,
            Fault.ARTICLE_WITHOUT_VERDICT: our_topics.articles.name,
        }
        self._verdicts = our_topics.deduplicated.name

    def keep(self, finding: Finding, topic: str | None = None) -> None:
        """Writes a finding down; `topic` is that of its position, where the fault does not tell."""
        fields: dict[str, Any] = {"fault": finding.fault.value}
        if finding.id is not None:
            fields["id"] = finding.id
        if finding.origin is not None:
            fields["page"] = _place(finding.origin)
        if finding.position is not None:
            topic = topic or self._topics.get(finding.fault, self._verdicts)
            fields["message"] = f"{topic} {_place(finding.position)}"
        if finding.detail:
            fields["detail"] = finding.detail
        if len(self.first) < SHOWN:
            self.first.append(fields)
        self._file.write(json.dumps(fields) + "\n")

    def lines(self) -> Iterator[str]:
        """Yields every finding as a JSON object."""
        self._file.flush()
        with self._path.open(encoding="utf-8") as lines:
            for line in lines:
                yield line.rstrip("\n")

    def close(self) -> None:
        """Closes the file; the folder is whoever made it's to remove."""
        self._file.close()


def _place(position: int) -> str:
    partition, offset = unpacked(position)
    return f"{partition}:{offset}"
