"""A package that is missing is told by the extra that brings it."""

from __future__ import annotations

import pytest

from streams.errors import RafidError
from streams.runtime.extras import extra_of, require_extras


@pytest.mark.parametrize(
    ("module", "extra"),
    [("lxml", "web"), ("lxml.html", "web"), ("starlette", "serve"), ("prometheus_client.core", "metrics"), ("click", None)],
)
def test_a_module_is_brought_by_its_extra(module: str, extra: str | None) -> None:
    assert extra_of(module) == extra


def test_packages_that_are_missing_are_named_with_what_to_install() -> None:
    with pytest.raises(RafidError, match=r"^lxml cannot be found: install rafid's wheel with \[web,serve\], or with \[all\]$"):
        require_extras("web", "serve", find=lambda name: None if name == "lxml" else name)


def test_a_whole_installation_misses_nothing() -> None:
    require_extras("web", "serve", "metrics")
