"""Objects written nearly as JSON: in the frames of a stream, with commas too many, as Python or JavaScript write them. Pure."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from typing import Any

_MOST_CHARS, _MOST_COMMAS = 4 << 20, 10_000  # of a literal: its tree takes some hundred bytes and microseconds a value
_EDGES = " \t\r\n\u00a0\u200b\u200e\u200f\ufeff"
_FRAMES = (
    (re.compile(r"\x1e+(?P<inner>.*?)\x1e*|(?P<end>[^\x1e]*)\x1e+", re.DOTALL), "a record separator"),
    (re.compile(r"(?:data:\s*)+(?P<inner>.*)", re.DOTALL), "a line of server-sent events"),
    (re.compile(r"(?P<inner>.*[}\])\"'])\s*[,;]", re.DOTALL), "a comma behind it"),
    (re.compile(r"\)\]\}',?\s*(?P<inner>.*)", re.DOTALL), "a guard before it"),
    (re.compile(r"(?:(?:var|let|const)\s+)?[A-Za-z_$][\w.$]*\s*=\s*(?P<inner>[\[{\"'].*)", re.DOTALL), "an assignment"),
    (re.compile(r"[A-Za-z_$][\w.$]*\s*\(\s*(?P<inner>[\[{\"'].*)\)", re.DOTALL), "a call"),
)
# What stands between the records of a stream, and holds none.
_CARRIERS = (
    (
        re.compile(r"(?:event|id|retry)\s*:.*|:.*", re.DOTALL),
        "a line of server-sent events that holds no record (that is in `data:`)",
    ),
    (re.compile(r"(?:data:\s*)?\[DONE\]|data:", re.IGNORECASE), "the end of a stream of server-sent events, and no record"),
)
# A string that is cut off ends with the text: else every quote in it would be tried as a beginning, to the end each time.
_STRING_OR_COMMA = re.compile(r'("(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|,(?=\s*[}\]])', re.DOTALL)
_STRING_OR_COMMENT = re.compile(r'("(?:[^"\\]++|\\.)*+(?:"|\\?\Z))|/\*.*?\*/|//[^\n]*', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES_OF_PYTHON = frozenset("\n'\"\\abfnrtvxuUN01234567")
_NAMED: dict[str, Any] = {"null": None, "undefined": None, "nan": None, "NaN": None, "inf": None, "true": True, "false": False}
_WRAPPERS = frozenset({"ObjectId", "ISODate", "Date", "NumberLong", "NumberInt", "NumberDecimal", "UUID", "Decimal", "Timestamp"})
_UTC = re.compile(r"\b(?:utc|UTC|tzutc)\b")
_PARTS_OF_TIME = 6  # year to second


def read_loosely(text: str, loads: Callable[[str], Any]) -> tuple[Any, list[str]] | None:
    """Returns the value in the text and how it was written, a phrase each; None when there is none. `loads` reads JSON."""
    inner, found = _unframed(text.strip(_EDGES))
    readers: tuple[tuple[Callable[[str], Any], tuple[str, ...]], ...] = (
        (loads, ()),
        (lambda text: loads(_STRING_OR_COMMA.sub(r"\1", text)), ("commas too many",)),
        (lambda text: loads(_uncommented(text)), ("comments in it",)),
        (lambda text: loads(_unquoted(text)), ("quoted as in CSV",)),
        (literal, ("a literal of Python or JavaScript",)),
    )
    for read, how in readers:
        try:
            return read(inner), [*found, *how]
        except (ValueError, RecursionError):
            continue
    return None


def carrier(text: str) -> str | None:
    """Returns what a text is that stands between the records of a stream; None for any other."""
    bare = text.strip(_EDGES)
    return next((what for pattern, what in _CARRIERS if pattern.fullmatch(bare)), None)


def _unframed(text: str) -> tuple[str, list[str]]:
    found: list[str] = []
    for frame, name in _FRAMES:
        match = frame.fullmatch(text)
        if match:
            text = (match["inner"] or match.groupdict().get("end") or "").strip(_EDGES)
            found.append(name)
    return text, found


def _uncommented(text: str) -> str:
    if "/*" not in text and "//" not in text:
        raise ValueError("no comments")
    return _STRING_OR_COMMA.sub(r"\1", _STRING_OR_COMMENT.sub(r"\1", text))


def _unquoted(text: str) -> str:
    if not (text.startswith('"') and text.endswith('"') and '""' in text):
        raise ValueError("not quoted")
    return text[1:-1].replace('""', '"')


def literal(text: str) -> Any:
    """Returns the value of a literal of Python, or of JavaScript where it is the same; raises ValueError for any other text.

    Nothing is run. A time (`datetime.datetime(2026, 8, 16)`) becomes its text, the id of a database what it holds.
    """
    if len(text) > _MOST_CHARS or text.count(",") > _MOST_COMMAS:
        raise ValueError("too long for a literal")
    try:
        return _value(ast.parse(_ESCAPE.sub(_escape_of_python, text), mode="eval").body)
    except (SyntaxError, MemoryError, RecursionError, UnicodeError) as exc:
        raise ValueError(f"no literal ({type(exc).__name__})") from None


def _escape_of_python(match: re.Match[str]) -> str:
    char = match[1]
    return "/" if char == "/" else match[0] if char in _ESCAPES_OF_PYTHON else "\\\\" + char


def _value(node: ast.expr) -> Any:  # noqa: PLR0911 - a kind each
    match node:
        case ast.Constant(value=bytes() as data):
            return data.decode("utf-8")
        case ast.Constant(value=str() | int() | float() | bool() | None as value):
            return value
        case ast.List(elts=items) | ast.Tuple(elts=items) | ast.Set(elts=items):
            return [_value(item) for item in items]
        case ast.Dict(keys=names, values=values):
            return {_name(name): _value(value) for name, value in zip(names, values, strict=True)}
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float() as number)):
            return -number
        case ast.Name(id=name) if name in _NAMED:
            return _NAMED[name]
        case ast.Call():
            return _call(node)
    raise ValueError("no literal")


def _name(node: ast.expr | None) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Constant(value=str() | int() as name):
            return str(name)
    raise ValueError("no literal: a name was expected")


def _call(node: ast.Call) -> Any:
    name = ast.unparse(node.func).rpartition(".")[2]
    if name in _WRAPPERS and len(node.args) == 1:
        return _value(node.args[0])
    parts = [part.value for part in node.args if isinstance(part, ast.Constant) and type(part.value) is int]
    if name not in ("datetime", "date") or not 3 <= len(parts) == len(node.args):
        raise ValueError("no literal")
    year, month, day, *clock = parts[:_PARTS_OF_TIME]
    written = f"{year:04}-{month:02}-{day:02}"
    if name == "datetime":
        written += "T" + ":".join(f"{part:02}" for part in [*clock, 0, 0, 0][:3])
    return written + "".join(_zones(node.keywords))


def _zones(keywords: list[ast.keyword]) -> Iterator[str]:
    for keyword in keywords:
        zone = ast.unparse(keyword.value)
        if keyword.arg != "tzinfo" or not _UTC.search(zone):
            raise ValueError("a zone that is not UTC")
        yield "Z"
