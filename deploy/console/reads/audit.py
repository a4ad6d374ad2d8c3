"""What the last audit said, for the console."""

from __future__ import annotations

import msgspec

from deploy.audit.answers import last
from deploy.console.reads.index import Index
from deploy.console.reads.pipeline_answers import AuditAnswer


def last_audit(index: Index) -> AuditAnswer | None:
    """What the last audit said whose answer was kept; None when none was. Raises RafidError."""
    found = last(index.client, index.names.namespace)
    return msgspec.convert(found, AuditAnswer) if found is not None else None
