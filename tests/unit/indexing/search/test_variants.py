from __future__ import annotations

import pytest

from indexing.search.variants import without_variants


@pytest.mark.parametrize(
    ("text", "plain", "varied"),
    [
        ("موازنة البلدية", "موازنة البلدية", ""),
        ("Trump", "", "Trump"),
        ("رسالة لترامب، وبوتين", "رسالة", "لترامب، وبوتين"),
        ("زيارة كيم جونغ أون", "زيارة", "كيم جونغ أون"),
        ("كيم تكتب كتابا", "كيم تكتب كتابا", ""),
        ("", "", ""),
    ],
)
def test_words_with_other_spellings_are_told_from_those_with_one(text: str, plain: str, varied: str) -> None:
    assert without_variants(text) == (plain, varied)
