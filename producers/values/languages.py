"""The code of a language, however a record names it. Pure."""

from __future__ import annotations

import re

_CODE_OF = {
    name: code
    for code, names in {
        "ar": "arabic ara arb العربية عربية عربي العربي arabe arabisch",
        "en": "english eng الإنجليزية انجليزي إنجليزي",
        "fr": "french fra fre français francais الفرنسية فرنسي",
        "fa": "persian farsi fas per الفارسية فارسي فارسى",
        "ur": "urdu urd",
        "ku": "kurdish kur الكردية",
        "tr": "turkish tur türkçe التركية",
        "he": "hebrew heb iw العبرية",
        "es": "spanish spa español الإسبانية",
        "de": "german deu ger deutsch الألمانية",
        "ru": "russian rus الروسية",
        "zh": "chinese zho chi الصينية",
        "it": "italian ita",
        "pt": "portuguese por",
    }.items()
    for name in names.split()
}
_BEGINNING = re.compile(r"(?:اللغة\s+)?([^\W\d_]+)(?=[\W\d_]|\Z)")


def is_code(text: str) -> bool:
    """Returns whether the text is a code as we write it: two or three lower-case letters that are no other's code."""
    return 2 <= len(text) <= 3 and text.isascii() and text.isalpha() and text.islower() and text not in _CODE_OF


def language_code(text: str) -> str | None:
    """Returns the ISO 639-1 code of the language, where it has one; None for a text that names none.

    >>> language_code("ar-SA"), language_code("Arabic (Egypt)"), language_code("ara")
    ('ar', 'ar', 'ar')
    """
    found = _BEGINNING.match(text.strip().lower())
    if found is None:
        return None
    name = found[1]
    return _CODE_OF.get(name) or (name if is_code(name) else None)
