"""Where the servers of `rafid local up` lie on this machine: the folder of a stack, and the addresses that it wrote there."""

from __future__ import annotations

import json
import os
from pathlib import Path

import platformdirs


def local_addresses(stack: str | None = None) -> dict[str, str]:
    """Returns `{"kafka": "host:port", "elasticsearch": "http://host:port"}` of a stack that is up; empty if it is down.

    The stack is the one named, else $RAFID_STACK, else `local`.
    """
    try:
        text = (stack_directory(stack or os.environ.get("RAFID_STACK") or "local") / "addresses.json").read_text()
    except FileNotFoundError:
        return {}
    addresses: dict[str, str] = json.loads(text)
    return addresses


def stack_directory(stack: str) -> Path:
    """Returns the folder of the local stack of this name: it holds the stack's data, logs and addresses.

    Stands under $RAFID_DATA_DIR, else under the user's data directory. Root's is /var/lib: the servers of root run as another
    user, who may not enter root's home.
    """
    chosen = os.environ.get("RAFID_DATA_DIR")
    if chosen:
        return Path(chosen).absolute() / "stacks" / stack
    root = os.name == "posix" and os.geteuid() == 0
    return (platformdirs.site_state_path("rafid") if root else platformdirs.user_data_path("rafid")) / "stacks" / stack
