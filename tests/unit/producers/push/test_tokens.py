"""Who may push: by a token of the file or by one that was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from producers.push.tokens import TokenFile, add_token, revoke_token, tokens_of_logins
from streams.errors import RafidError

GIVEN = "0123456789abcdef"
NOW = "2026-11-22T18:25:43Z"


def test_who_was_given_a_token_may_push_beside_those_of_the_file(tmp_path: Path) -> None:
    of_file = add_token(tmp_path / "tokens.json", "madar", "madar.example", NOW)
    holders = TokenFile(tmp_path / "tokens.json", tokens_of_logins((f"desk:{GIVEN}",), NOW))

    named = {secret: found[0] for secret in (of_file, GIVEN) if (found := holders.holder(f"Bearer {secret}"))}

    assert named == {of_file: "madar", GIVEN: "desk"}
    assert holders.holder("Bearer 0123456789abcdee") is None


def test_a_given_token_outlives_a_change_of_the_file(tmp_path: Path) -> None:
    of_file = add_token(tmp_path / "tokens.json", "madar", "madar.example", NOW)
    holders = TokenFile(tmp_path / "tokens.json", tokens_of_logins((f"desk:{GIVEN}",), NOW))

    revoke_token(tmp_path / "tokens.json", "madar")

    assert holders.holder(f"Bearer {of_file}") is None
    assert holders.holder(f"Bearer {GIVEN}")


@pytest.mark.parametrize("login", ["desk:short", GIVEN, f":{GIVEN}"])
def test_a_wrong_login_is_named_by_its_number_and_never_shown(login: str) -> None:
    with pytest.raises(RafidError, match="login 2 is no NAME:TOKEN") as refused:
        tokens_of_logins((f"sara:{GIVEN}", login), NOW)

    assert GIVEN not in str(refused.value)
