"""Bytes become the text that was meant, under a right label, a wrong one or none; what is no text is refused."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.text_encoding import Undecodable, decode
from streams.json_repair import without_surrogates

STORY = "أعلنت بلدية العين الزرقاء افتتاح جسر المشاة الجديد أمام المدرسة، بعد أعمال استمرت سبعة أشهر."
NAMES = "قالت هند العلي إن المخرجة Hélène Beaulieu ستزور القرية مع Zoé Müller صباح الأحد."
PYTHON_NAME = {"windows-1256": "cp1256", "iso-8859-6": "iso8859_6", "mac-arabic": "mac_arabic"}


@pytest.mark.parametrize("encoding", ["windows-1256", "iso-8859-6", "mac-arabic", "utf-16", "utf-16-le", "utf-16-be"])
def test_an_encoding_is_recognised_without_a_label(encoding: str) -> None:
    assert decode(STORY.encode(PYTHON_NAME.get(encoding, encoding))).text == STORY


def test_latin_names_do_not_hide_windows_1256() -> None:
    assert decode(NAMES.encode("cp1256")).text == NAMES


def test_arabic_behind_much_markup_is_found_under_a_wrong_label() -> None:
    page = "<div class='wide'>menu</div>" * 200 + STORY

    assert decode(page.encode("cp1256"), http_charset="ISO-8859-1").text == page
    assert decode(page.encode("cp1256"), declared="utf-8").repairs == ("read as windows-1256, declared utf-8",)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Русский текст о том, как важно читать книги", "windows-1251"),
        ("Größe über Maß für Müller, schöne Grüße", "iso-8859-1"),
        ("été à Noël, où ça brûle déjà", "windows-1252"),
        ("日本語の記事", "shift_jis"),
    ],
)
def test_another_language_is_believed_when_it_is_declared_and_refused_when_not(text: str, label: str) -> None:
    assert decode(text.encode(label), declared=label).text == text
    with pytest.raises(Undecodable, match="neither UTF-8"):
        decode(text.encode(label))


def test_a_few_damaged_bytes_leave_the_rest_of_a_text_in_utf_8() -> None:
    decoded = decode(STORY.encode()[:-4])

    assert (decoded.text, decoded.encoding) == (STORY[:-3] + "\ufffd", "utf-8")
    assert decoded.repairs == ("1 damaged bytes of UTF-8",)


def test_emoji_in_cesu_8_are_emoji() -> None:
    assert decode(STORY.encode() + b" \xed\xa0\xbd\xed\xb4\xa5").text == f"{STORY} \U0001f525"


def test_an_image_is_no_text() -> None:
    with pytest.raises(Undecodable):
        decode(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)))


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"))))
def test_utf_8_is_always_its_own_text(text: str) -> None:
    assert (
        decode(text.encode("utf-8"), http_charset="windows-1256").text == text.removeprefix("\ufeff")
        or "\0" in text
        or "\x06" in text
    )


@given(st.text(st.characters(), max_size=30))
def test_half_characters_become_replacement_characters(text: str) -> None:
    halved = text.encode("utf-16-le", "surrogatepass")[:-1].decode("utf-16-le", "ignore") + "\ud83d"

    found, count = without_surrogates(halved)

    assert count >= 1
    found.encode("utf-8")


@given(st.binary(max_size=200))
def test_any_bytes_give_a_text_or_are_refused(data: bytes) -> None:
    with contextlib.suppress(Undecodable):
        decode(data).text.encode("utf-8")
