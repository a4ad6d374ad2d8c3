"""The innermost loops in C, where an installation has compiled them; everywhere else the Python beside their callers runs.

`kernel` is the extension module, or None. The Python is the reference: both give the same bytes, which tests compare.
"""

from __future__ import annotations

from types import ModuleType

kernel: ModuleType | None
try:
    from streams.compiled import _kernel

    kernel = _kernel
except ImportError:
    kernel = None
