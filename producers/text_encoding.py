"""Text from bytes, in whatever encoding Arabic files and sites have it, whether they declare it, or declare it wrongly. Pure.

The steps of `decode`, the first that fits: a byte-order mark; valid UTF-8; UTF-8 with a few damaged bytes; an Arabic set of
one byte a letter, when that makes Arabic words of the bytes; the declared one. A declared Latin set is believed last,
because windows-1256 under the name of iso-8859-1 is commoner than Latin words that make Arabic ones by chance.
"""

from __future__ import annotations

import codecs
import dataclasses
import re

import webencodings

from producers.mojibake import mixes_cases
from streams.json_repair import without_surrogates

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ONE_BYTE = ("windows-1256", "iso-8859-6", "mac-arabic")  # in a tie the commoner one
MAX_DAMAGED = 0.05  # share of damaged bytes in a text's high bytes (measured on feeds: wrong sets have above .3)
MIN_ARABIC = 0.8  # share of Arabic letters in the letters beyond ASCII (chosen by reading: Russian as windows-1256 has .4)
MIN_IN_WORDS = 0.5  # share of Arabic letters that have a neighbour: German read as Arabic has single ones (chosen by reading)
MAX_LONE_MARKS = 0.02  # vowel marks that follow no letter, in letters: Russian as mac-arabic has .3 (chosen by reading)
MIN_UTF_16 = 0.2  # share of all bytes that are the high byte of Arabic letters and spaces (chosen by reading)
_CODEC = {"windows-1256": "cp1256", "iso-8859-6": "iso8859_6", "mac-arabic": "mac_arabic"}
_ASCII = re.compile(r"[\x00-\x7f]")
_HIGH = re.compile(rb"[\x80-\xff]")
_LETTERS = re.compile(r"[\u0621-\u063a\u0641-\u064a\u067e\u0686\u0698\u06a9\u06af\u06cc]")
_LETTERS_IN_WORDS = re.compile(r"[\u0621-\u063a\u0641-\u064a\u064b-\u0652\u067e\u0686\u0698\u06a9\u06af\u06cc]{2,}")
_MARKS_WITHOUT_LETTER = re.compile(r"(?<![\u0621-\u0652\u067e\u0686\u0698\u06a9\u06af\u06cc])[\u064b-\u0652]")
_LATIN = re.compile(r"[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0192]")
_MIXED = re.compile(r"[\u0621-\u064a](?=[A-Za-z\u00c0-\u024f])|[A-Za-z\u00c0-\u024f](?=[\u0621-\u064a])")
_HIGHER = re.compile(rb"[\xc0-\xff]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x19]")  # what binary files are full of; DOS left its mark of an end (\x1a) in real texts


class Undecodable(ValueError):
    """Bytes that are in no encoding which was given, declared or can be recognised."""


@dataclasses.dataclass(frozen=True, slots=True)
class DecodedText:
    """A text, the encoding that its bytes were in, and what had to be repaired, a phrase each."""

    text: str
    encoding: str
    repairs: tuple[str, ...] = ()


def decode(
    data: bytes, *, encoding: str | None = None, http_charset: str | None = None, declared: str | None = None
) -> DecodedText:
    """Returns the text of these bytes without a byte-order mark; raises Undecodable.

    `encoding` is what the user asked for and is the only one tried, by its Python name. `http_charset` and `declared` (by
    `<meta>` or the XML declaration) are labels as sites write them, and are tried in this order.
    """
    if encoding:
        return _as_asked(data, encoding)
    for mark, name in _BOMS:
        if data.startswith(mark):
            return _with_bom(data[len(mark) :], name)
    if wide := _utf_16_without_bom(data):
        return DecodedText(data.decode(wide, "replace"), wide, ("no byte-order mark",))
    try:
        return DecodedText(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as exc:
        first = exc
    return _damaged_utf_8(data) or _one_byte(data, http_charset, declared) or _by_label(data, (http_charset, declared), first)


def _as_asked(data: bytes, encoding: str) -> DecodedText:
    try:
        return DecodedText(data.decode(encoding).removeprefix("\ufeff"), encoding)
    except UnicodeDecodeError as exc:
        raise Undecodable(f"not {encoding} (byte {exc.start}: {exc.reason})") from None


def _with_bom(data: bytes, name: str) -> DecodedText:
    text = data.decode(name, "replace")
    damaged = text.count("\ufffd") - data.count("\ufffd".encode(name))
    return DecodedText(text, name, (f"{damaged} damaged characters",) if damaged > 0 else ())


def _utf_16_without_bom(data: bytes) -> str | None:
    """Returns the text of UTF-16 whose letters are Arabic or ASCII: every second byte is 06 or 00, which no other text has."""
    head = data[:4096]
    if len(head) < 8 or not (b"\x06" in head or b"\x00" in head):
        return None
    halves = {"utf-16-le": head[1::2], "utf-16-be": head[::2]}
    for name, high in halves.items():
        if high.count(b"\x06") >= MIN_UTF_16 * len(head) and high.count(b"\x06") + high.count(b"\x00") > 0.4 * len(head):
            return name
    return None


def _damaged_utf_8(data: bytes) -> DecodedText | None:
    """Returns the text of UTF-8 with few damaged bytes, or with emoji as two surrogates of three bytes (CESU-8)."""
    try:
        text, lone = without_surrogates(data.decode("utf-8", "surrogatepass"))
    except UnicodeDecodeError:
        text = data.decode("utf-8", "replace")
    else:
        return DecodedText(text, "utf-8", ("CESU-8 for emoji", *((f"{lone} half emoji",) if lone else ())))
    damaged = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    beyond_ascii = len(text) - text.count("\ufffd") - len(_ASCII.findall(text))
    if damaged > max(1, MAX_DAMAGED * len(_HIGH.findall(data))) or beyond_ascii <= damaged:
        return None
    return DecodedText(text, "utf-8", (f"{damaged} damaged bytes of UTF-8",))


def _one_byte(data: bytes, *labels: str | None) -> DecodedText | None:
    """Returns the text in the Arabic set that makes the most letters of it, in a tie the declared one; None when none does."""
    named = [name for name in map(_name_of, labels) if name in _ONE_BYTE]
    candidates = sorted(_ONE_BYTE, key=lambda name: name not in named)
    read = [(data.decode(_CODEC[name], "replace"), name) for name in candidates]
    text, name = max(read, key=lambda pair: _arabic_score(pair[0]))
    letters = len(_LETTERS.findall(text))
    in_words = sum(map(len, _LETTERS_IN_WORDS.findall(text)))
    if not letters or letters < MIN_ARABIC * (letters + len(_LATIN.findall(text)) + text.count("\ufffd")):
        return None
    if len(_MARKS_WITHOUT_LETTER.findall(text)) > MAX_LONE_MARKS * letters:
        return None
    if in_words < MIN_IN_WORDS * letters or _CONTROL.search(text):
        return None
    if name not in named and not mixes_cases(data.decode("latin-1"), len(_HIGHER.findall(data))):
        return None
    repairs = () if not any(labels) or name in named else (f"read as {name}, declared {next(filter(None, labels))}",)
    return DecodedText(text, name, repairs)


def _arabic_score(text: str) -> int:
    """Returns the count of Arabic letters, less three for each sign of a wrong set: no character, or two alphabets in a word."""
    return len(_LETTERS.findall(text)) - 3 * (text.count("\ufffd") + len(_MIXED.findall(text)))


def _by_label(data: bytes, labels: tuple[str | None, ...], first: UnicodeDecodeError) -> DecodedText:
    for label in labels:
        found = webencodings.lookup(label) if label else None
        if found is None or found.name in ("utf-8", "utf-16le", "utf-16be"):
            continue
        try:
            return DecodedText(found.codec_info.decode(data, "strict")[0], found.name)
        except UnicodeDecodeError:
            continue
    tried = " and ".join(dict.fromkeys(f"{label!r}" for label in labels if label))
    declared = f", nor in the declared {tried}" if tried else ""
    raise Undecodable(
        f"neither UTF-8 (byte {first.start}: {first.reason}) nor Arabic in windows-1256{declared}: name its --encoding"
    )


def _name_of(label: str | None) -> str | None:
    found = webencodings.lookup(label) if label else None
    return found.name if found else label and label.strip().lower()
