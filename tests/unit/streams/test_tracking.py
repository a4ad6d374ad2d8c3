"""Parameters that say how a reader came are told from those that name the page."""

from __future__ import annotations

import pytest

from streams.tracking import is_tracking


@pytest.mark.parametrize(
    "parameter",
    [
        "utm_source=x",
        "pk_campaign=a",
        "mtm_source=a",
        "matomo_kwd=a",
        "hsa_acc=1",
        "ysclid=1",
        "gad_source=1",
        "itm_source=x",
        "tblci=1",
        "rdt_cid=1",
        "trk=feed",
        "ref=rss",
        "ref=twitter.com",
        "source=feed",
        "via=telegram",
        "from=whatsapp",
        "CMP=share_btn_tw",
        "ref_src=twsrc%5Etfw",
        "PHPSESSID=a1",
        "utm_source",
    ],
)
def test_a_parameter_that_says_how_a_reader_came_is_known(parameter: str) -> None:
    assert is_tracking(parameter)


@pytest.mark.parametrize(
    "parameter",
    ["id=7", "p=rss", "ref=7781", "ref=home", "source=reuters", "from=2026-01-01", "page=2", "mtm=1", "x_pk_=1", "ref"],
)
def test_a_parameter_that_may_name_the_page_is_none(parameter: str) -> None:
    assert not is_tracking(parameter)
