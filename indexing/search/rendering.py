"""What people see of a search: right to left on a terminal, plain lines anywhere else."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from indexing.search.highlights import CLOSE, OPEN
from indexing.search.search import Hit, SearchPage
from indexing.search.trends import Trend

# Unicode isolates (UAX #9): what stands between them cannot reorder what stands around them.
RIGHT_TO_LEFT, FIRST_STRONG, END = "\u2067", "\u2068", "\u2069"
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_HIGHLIGHT = "bold yellow"
COMMA = "\u060c "
_BARS = "▁▂▃▄▅▆▇█"


def show_page(console: Console, page: SearchPage) -> None:
    """Prints the page on the console: counts, stories, facets, and how to go on."""
    if not page.hits:
        console.print("no story found")
    if page.did_you_mean:
        console.print(f"did you mean: {_isolated(console, page.did_you_mean)}", soft_wrap=True)
    if not page.hits:
        return
    if page.documents is not None:
        articles = f"{'' if page.documents_exact else 'over '}{page.documents:,} articles"
        counted = articles if page.stories is None else f"{page.stories:,} stories in {articles}"
        console.print(f"{counted} ({page.took_ms} ms)", style="dim")
    for hit in page.hits:
        show_hit(console, hit)
    for name, counts in page.facets.items():
        console.print(f"{name}: " + "  ".join(f"{_isolated(console, value)} {count:,}" for value, count in counts))
    if page.cut:
        console.print("the question was too long: only its first words were used", style="dim")
    if page.next_page:
        console.print(f"more: --after {page.next_page}", style="dim", soft_wrap=True)


def show_hit(console: Console, hit: Hit) -> None:
    """Prints a story on the console: title, where and when, snippets, address."""
    right_to_left(console, _marked(hit.title or "(no title)", "bold"))
    when = str(hit.fields.get("published_at") or hit.fields.get("@timestamp") or "")[:16].replace("T", " ")
    facts = [_isolated(console, str(hit.fields.get("source", ""))), _isolated(console, when)]
    if hit.others:
        facts.append(f"+{hit.others} {'source' if hit.others == 1 else 'sources'}")
    console.print(Text(" · ".join(filter(None, facts)), style="dim"), justify="right" if console.is_terminal else None)
    for snippet in hit.snippets:
        right_to_left(console, _marked(snippet, ""))
    if hit.fields.get("url"):
        console.print(Text(_clean(str(hit.fields["url"])), style="dim"), soft_wrap=True)
    console.print()


def show_trends(console: Console, trends: Sequence[Trend]) -> None:
    """Prints the trends on the console: a table with sparklines on a terminal, plain lines elsewhere."""
    if not trends:
        console.print("nothing stands out against the thirty periods before; a shorter --since has more to be compared with")
        return
    if not console.is_terminal:
        for trend in trends:
            words = COMMA.join((trend.word, *trend.together))
            fields = (words, str(trend.articles), str(trend.sources), sparkline(trend.history), trend.headline)
            console.print(" · ".join(map(_clean, fields)), soft_wrap=True)
        return
    table = Table("articles", "sources", "before | now", Column("headline", justify="right"), Column("word", justify="right"))
    for trend in trends:
        half = len(trend.history) // 2
        history = f"{sparkline(trend.history)[:half]}|{sparkline(trend.history)[half:]}"
        headline, word = Text(isolated(trend.headline)), Text(isolated(trend.word), style="bold")
        if trend.together:
            word.append("\n" + isolated(COMMA.join(trend.together)), style="not bold dim")
        table.add_row(f"{trend.articles:,}", f"{trend.sources:,}", history, headline, word)
    console.print(table)


def sparkline(counts: Sequence[int]) -> str:
    """Returns a block for each count, of eight heights up to the highest count; a count of 0 is a blank."""
    highest = max(counts, default=0)
    return "".join(" " if count == 0 else _BARS[(count * len(_BARS) - 1) // highest] for count in counts)


def right_to_left(console: Console, text: Text) -> None:
    """Prints the text on the console; on a terminal from the right, every line an isolate of its own."""
    if not console.is_terminal:
        console.print(text, soft_wrap=True)
        return
    for line in text.wrap(console, max(20, console.width - 2)):
        line.rstrip()
        console.print(Text(RIGHT_TO_LEFT) + line + Text(END), justify="right", soft_wrap=False)


def isolated(text: str) -> str:
    """Returns the text without bidi controls of its own, as an isolate whose direction its first letter decides."""
    return f"{FIRST_STRONG}{_clean(text)}{END}"


def _isolated(console: Console, text: str) -> str:
    return isolated(text) if text and console.is_terminal else _clean(text)


def _clean(text: str) -> str:
    """Returns the text on one line, without control and bidi characters.

    No character of a page may move our cursor or turn our lines.
    """
    spaced = " ".join(text.split())
    return _BIDI.sub("", "".join(char for char in spaced if unicodedata.category(char) != "Cc"))


def _marked(text: str, style: str) -> Text:
    """Returns the text with its highlights as style; without a terminal they vanish."""
    out = Text(style=style)
    for piece, highlighted in _pieces(_clean(text)):
        out.append(piece, style=_HIGHLIGHT if highlighted else None)
    return out


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    for index, part in enumerate(text.split(OPEN)):
        if index == 0:
            yield part, False
            continue
        inside, _, rest = part.partition(CLOSE)
        yield inside, True
        yield rest, False
