"""Compiles the kernel while rafid is built: hatchling calls `CompiledKernel`.

An installation from a checkout (`make install`) has it where the machine has a C compiler and Python's headers. A wheel is
for every machine, without it, unless RAFID_COMPILE=1 is set, as the image does. Then what does not compile fails.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.builders.wheel import WheelBuilderConfig

HERE = "streams/compiled"
LIBRARY = f"{HERE}/_kernel.abi3.so"
SOURCES = (f"{HERE}/kernel.c", f"{HERE}/register.c")
FLAGS = ("-O3", "-shared", "-fPIC", "-Wall", "-fvisibility=hidden")


class CompiledKernel(BuildHookInterface[WheelBuilderConfig]):
    """Adds the extension module to an editable installation, and to a wheel that asks for it."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compiles the kernel; `version` is `editable` or `standard`, as hatchling says."""
        is_asked_for = os.environ.get("RAFID_COMPILE") == "1"
        if not is_asked_for and (version != "editable" or os.environ.get("RAFID_COMPILE") == "0"):
            return
        try:
            compile_kernel(Path(self.root))
        except OSError as exc:
            if is_asked_for:
                raise
            self.app.display_warning(f"the kernel was not compiled, so the slower Python of it runs: {exc}")
            return
        if version == "standard":
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
            build_data["artifacts"].append(f"/{LIBRARY}")


def compile_kernel(root: Path) -> None:
    """Writes the library beside its source; raises OSError, with the compiler's words, when there is none or it fails."""
    if sys.byteorder != "little" or sys.maxsize < 2**63 - 1:
        raise OSError("it is written for little-endian machines of 64 bits")
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
    headers = f"-I{sysconfig.get_paths()['include']}"
    command = [*compiler, *FLAGS, headers, *SOURCES, "-o", LIBRARY]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    if done.returncode:
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
