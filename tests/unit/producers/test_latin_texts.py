"""Texts in the languages of Europe stay as they are: no letter of theirs is taken for Arabic that was read wrongly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.mojibake import unscrambled
from producers.text_encoding import Undecodable, decode

ALPHABETS = {
    "German": "äöüß",
    "Swedish": "åäö",
    "Danish": "æøå",
    "French": "àâçéèêëîïôùûü",
    "Spanish": "áéíñóúü",
    "Portuguese": "ãõáâàçéêíóôú",
    "Icelandic": "áðéíóúýþæö",
    "Turkish": "çğıöşü",
    "Polish": "ąćęłńóśźż",
    "Czech": "áčďéěíňóřšťúůýž",
    "Hungarian": "áéíóöőúüű",
    "Latvian": "āčēģīķļņšūž",
}
LATIN_1 = ("German", "Swedish", "Danish", "French", "Spanish", "Portuguese", "Icelandic")
SIGNS = (" ", ", ", "-", "’", "» ", " «", "“ ", " „", ". ", " – ", "… ", "\u00a0", "! ", "'")


@st.composite
def texts(draw: st.DrawFn, languages: tuple[str, ...] = tuple(ALPHABETS)) -> str:
    """Words of a language, far richer in its own letters than any real text, as print has them: small, Capital, ALL."""
    own = ALPHABETS[draw(st.sampled_from(languages))]
    letters = st.text(st.sampled_from(own * 3 + "aeirst"), min_size=1, max_size=9)
    cased = st.tuples(letters, st.sampled_from((str.lower, str.capitalize, str.upper))).map(lambda pair: pair[1](pair[0]))
    words = draw(st.lists(st.tuples(cased, st.sampled_from(SIGNS)), min_size=1, max_size=40))
    return "".join(word + sign for word, sign in words)


@given(texts())
def test_no_text_of_europe_is_taken_for_one_that_was_read_wrongly(text: str) -> None:
    assert unscrambled(text) == text


@given(texts(LATIN_1).filter(lambda text: not text.isascii()))
def test_bytes_of_latin_1_are_read_as_declared_and_else_refused(text: str) -> None:
    data = "".join(letter if letter < "\u0100" else " " for letter in text).encode("latin-1")  # words stay apart
    assert decode(data, http_charset="iso-8859-1").text == data.decode("cp1252")
    if not data.isascii():
        with pytest.raises(Undecodable):
            decode(data)


@pytest.mark.parametrize("text", ["äää ööö", "ÄÖÜ äöü åäö", "ææø øæå", "Ó ò ö ô", "«MILJØ» «SJØ» «KØ» og «BRØ»"])
def test_words_of_nothing_but_such_letters_stay(text: str) -> None:
    assert unscrambled(text) == text
    assert decode(text.encode("cp1252"), http_charset="windows-1252").text == text


@pytest.mark.parametrize("word", ["سلام", "مصر تفوز", "رئيس"])
def test_a_short_arabic_text_is_read_where_its_set_is_declared(word: str) -> None:
    assert decode(word.encode("cp1256"), http_charset="windows-1256").text == word
