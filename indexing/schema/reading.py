"""The readable files of the schema as what Elasticsearch takes: analysis, mappings, and the folding of its one character map.

The files are read once; nothing else is.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import resources
from typing import Any, Final

import orjson

from indexing.schema.first_letters import pattern, read_signs

SEARCH_ONLY: Final = ("ar_syn",)  # filters that no document passes: changing them asks for no reindex
LEXICON: Final = "full_forms.txt"
FIRST_LETTERS: Final = "first_letters.txt"
# Names that stand for each of their characters in a rule of a character map: `{digit}\u066C` is a rule for each digit.
CLASSES: Final = {
    "digit": "0123456789",
    "arabic_digit": "\u0660\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668\u0669",
    "farsi_digit": "\u06f0\u06f1\u06f2\u06f3\u06f4\u06f5\u06f6\u06f7\u06f8\u06f9",
    "latin": "".join(map(chr, (*range(0x41, 0x5B), *range(0x61, 0x7B)))),
    "arabic": "".join(map(chr, (*range(0x621, 0x63B), *range(0x641, 0x64B), 0x671, 0x67E, 0x686, 0x6A4, 0x6A9, 0x6AF, 0x6CC))),
    "clitic": "\u0648\u0641\u0628\u0643\u0644",
}
_CLASS = re.compile(r"\{(\w+)\}")
_COMMENT = re.compile(r"(?:^|\s+)#.*$")
_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})")


def analysis() -> dict[str, Any]:
    """Returns the analysis settings, with the rules of the files in place of every `{"from": [file, ...]}`.

    The rules of a map or lexicon are one text with commas between them. A server takes each element of a list for a setting of
    its own, which makes the creation of an index with thousands of rules slow.
    """
    filled: dict[str, Any] = _fill(read_json("analysis.json"))
    return filled


def mappings() -> dict[str, Any]:
    """Returns the mappings of every index."""
    return read_json("mappings.json")


@functools.cache
def template_version() -> str:
    """Returns the version of the template that these files make; nobody has to raise a number."""
    return version_of(analysis(), mappings())


def version_of(analysis: dict[str, Any], mappings: dict[str, Any]) -> str:
    """Returns 12 hexadecimal digits that change when what a document leaves in the index changes."""
    indexed = analysis | {"filter": {name: rule for name, rule in analysis["filter"].items() if name not in SEARCH_ONLY}}
    content = orjson.dumps([indexed, mappings], option=orjson.OPT_SORT_KEYS)
    return hashlib.blake2b(content, digest_size=6).hexdigest()


def char_map(*files: str) -> dict[str, str]:
    """Returns the character rules of the files as one map for one pass.

    A later file also applies to what the earlier ones give.
    """
    joined: dict[str, str] = {}
    for file in files:
        rules = dict(pair for line in lines(file) for pair in _pairs(line))
        longest, heads = max(map(len, rules)), {key[0] for key in rules}
        joined = {k: v if heads.isdisjoint(v) else "".join(_replaced(rules, longest, v)) for k, v in joined.items()} | rules
    return joined


def folded(text: str) -> str:
    """Returns the text as the tokenizer sees it at indexing and search.

    Marks and invisible characters are gone, letters and case are folded.
    """
    longer, rules, letters = _folding()
    return longer.sub(lambda found: rules[found[0]], text).translate(letters)


@functools.cache
def stop_words() -> frozenset[str]:
    """Returns the words that the index leaves out, except in `title.norm`."""
    return frozenset(lines("stop_words.txt"))


@functools.cache
def question_words(*, leading: bool = False) -> frozenset[str]:
    """Returns the words by which a reader only says that he asks, folded as they are typed.

    They come with a conjunction before them too. With `leading`, those that only ask where a question begins are among them.
    """
    words = [word.removeprefix("^") for word in lines("question_words.txt") if leading or not word.startswith("^")]
    return frozenset(conjunction + folded(word) for word in words for conjunction in ("", *"\u0648\u0641"))


@functools.cache
def variants() -> frozenset[str]:
    """Returns the words of `synonyms.txt`, folded.

    A search for any of these words finds its other spellings too.
    """
    return frozenset(folded(" ".join(lines("synonyms.txt"))).replace(",", " ").split())


def lines(file: str) -> list[str]:
    """Returns the rules of a file of `schema/`, one a line, without comments and empty lines."""
    stripped = (_COMMENT.sub("", line).strip() for line in _text(file).splitlines())
    return [line for line in stripped if line]


def _fill(node: Any) -> Any:
    if isinstance(node, Mapping):
        if node.keys() == {"from"}:
            return _joined(node["from"])
        return {key: _fill(value) for key, value in node.items()}
    return node


def _joined(files: list[str]) -> list[str] | str:
    """Returns the rules of the files.

    They are one text for a map, lexicon or expression, and a list where a rule may hold a comma or no arrow.
    """
    if files[0].startswith("char_"):
        return ",".join(f"{_escaped(key)}=>{_escaped(value)}" for key, value in char_map(*files).items())
    if files[0] == FIRST_LETTERS:
        return pattern(dict(read_signs(lines(FIRST_LETTERS))))
    if files[0] == LEXICON:
        return ",".join(f"{form}=>{key}" for form, key in dict(lexicon_rules(*files)).items())
    if files == ["parts.txt"]:
        return ",".join(f"{_escaped(char)}=>{kind}" for char, kind in _ranges(*files))
    return [rule for file in files for rule in lines(file)]


def _ranges(file: str) -> Iterator[tuple[str, str]]:
    """Yields the characters of rules `a-z => KIND` and `. => KIND`, each with its kind."""
    for line in lines(file):
        chars, _, kind = (_unescaped(side.strip()) for side in line.partition("=>"))
        yield from ((chr(code), kind) for code in range(ord(chars[0]), ord(chars[-1]) + 1))


def lexicon_rules(*files: str) -> Iterator[tuple[str, str]]:
    """Yields the rules of lexicons, whose lines are `form, form => stem`, as pairs of a form and its stem."""
    for file in files:
        for line in lines(file):
            forms, _, key = line.partition("=>")
            for form in forms.split(","):
                yield form.strip(), key.strip()


def _pairs(line: str) -> Iterator[tuple[str, str]]:
    """Yields the rule of a line, or a rule for each choice of characters where the line names classes.

    `{1}` stands for the first choice.
    """
    key, _, value = (_unescaped(side.strip()) for side in line.partition("=>"))
    shape = _CLASS.sub("{}", key)
    for chosen in itertools.product(*(CLASSES[name] for name in _CLASS.findall(key))):
        yield shape.format(*chosen), value.format(None, *chosen)


def _replaced(rules: Mapping[str, str], longest: int, text: str) -> Iterator[str]:
    """Yields the pieces that a `mapping` filter makes of the text with rules of up to `longest` letters.

    At each place the longest rule wins.
    """
    at = 0
    while at < len(text):
        size = next((n for n in range(longest, 0, -1) if text[at : at + n] in rules), 1)
        piece = text[at : at + size]
        yield rules.get(piece, piece)
        at += len(piece)


@functools.cache
def _folding() -> tuple[re.Pattern[str], dict[str, str], dict[int, str]]:
    """Returns the rules of `ar_typed_map`, in three parts.

    They are a pattern of the keys of several letters, longest first; all rules; the rules of one letter.
    """
    rules = char_map(*read_json("analysis.json")["char_filter"]["ar_typed_map"]["mappings"]["from"])
    several = sorted((key for key in rules if len(key) > 1), key=lambda key: (key[0], -len(key), key))
    tails = {first: [key[1:] for key in keys] for first, keys in itertools.groupby(several, key=lambda key: key[0])}
    pattern = "|".join(f"{re.escape(first)}(?:{_any_of(rest)})" for first, rest in tails.items())
    return re.compile(pattern), rules, {ord(key): rules[key] for key in rules if len(key) == 1}


def _any_of(texts: Iterable[str]) -> str:
    """Returns a pattern that matches the longest of these texts, which come longest first.

    Single characters are one class.
    """
    longer: list[str] = []
    single: list[str] = []
    for text in texts:
        (longer if len(text) > 1 else single).append(re.escape(text))
    return "|".join([*longer, *([f"[{''.join(single)}]"] if single else [])])


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)


def _escaped(text: str) -> str:
    """Returns the text with an escape for every character that is no digit.

    The filter trims plain spaces, and nobody can mistake an invisible character.
    """
    return "".join(char if char.isdecimal() else f"\\u{ord(char):04X}" for char in text)


@functools.cache
def _text(file: str) -> str:
    return resources.files("indexing").joinpath("schema", file).read_text(encoding="utf-8")


def read_json(file: str) -> dict[str, Any]:
    """Returns the object in a JSON file of `schema/`."""
    parsed: dict[str, Any] = orjson.loads(_text(file))
    return parsed
