"""What a body holds: a list is a list, and nothing stands behind it."""

from __future__ import annotations

import pytest

from producers.push.bodies import BadBody, items_of


@pytest.mark.parametrize("body", [b'[],"pages":5', b'[{"text":"a"}],"more":[]', b'[{"text":"a"}'])
def test_a_list_with_something_behind_it_is_a_bad_body(body: bytes) -> None:
    with pytest.raises(BadBody):
        items_of(body, "application/json")


def test_each_object_of_a_list_is_an_item_and_what_is_none_has_its_fault() -> None:
    found = items_of('[{"text":"نص"},5]'.encode(), "application/json")

    assert [(fields, error) for fields, _data, error in found] == [({"text": "نص"}, ""), (None, "an object was expected")]
