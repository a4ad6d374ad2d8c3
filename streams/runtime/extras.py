"""What rafid's extras bring, by its own metadata: so that a missing package is told by what to install."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator
from importlib import metadata

from streams.errors import RafidError

_OF_EXTRA = re.compile(r"(?P<name>[\w.-]+)[^;]*;.*\bextra\s*==\s*['\"](?P<extra>[\w-]+)['\"]")
_NOT_FOR_USERS = ("dev", "all")


def extra_of(module: str) -> str | None:
    """Returns the extra that brings a module, or None for a module that none brings."""
    wanted = module.partition(".")[0]
    return next((extra for name, extra in _brought() if name == wanted), None)


def require_extras(*extras: str, find: Callable[[str], object | None] = importlib.util.find_spec) -> None:
    """Raises RafidError with what to install when a package of these extras is missing."""
    missing = sorted({name for name, extra in _brought() if extra in extras and find(name) is None})
    if missing:
        raise RafidError(what_to_install(", ".join(missing), ",".join(extras)))


def what_to_install(missing: str, extras: str) -> str:
    """Returns the line for packages that are missing: rafid's own wheel, since on PyPI the name is another project's."""
    return f"{missing} cannot be found: install rafid's wheel with [{extras}], or with [all]"


def _brought() -> Iterator[tuple[str, str]]:
    """Yields the module of each package that an extra brings, named as the package is, with the extra."""
    for line in metadata.requires("rafid") or ():
        found = _OF_EXTRA.fullmatch(line)
        if found and found["extra"] not in _NOT_FOR_USERS:
            yield found["name"].lower().replace("-", "_"), found["extra"]
