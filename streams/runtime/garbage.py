"""How seldom a long-running process looks for garbage that reference counts do not free."""

from __future__ import annotations

import gc

# New objects between two looks at the youngest ones; Python's own threshold is 700.
THRESHOLD = 50_000


def collect_rarely() -> None:
    """Leaves what is loaded by now alone for good, and makes Python look seldom at what comes and goes with the messages.

    Messages make no cycles to speak of. At Python's own threshold looking took a tenth of the index worker's CPU (measured).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(THRESHOLD)
