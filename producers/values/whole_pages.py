"""Records whose text is a whole page of HTML: read as the extractor reads pages. Pure."""

from __future__ import annotations

import re
from datetime import tzinfo
from typing import Any

import msgspec

from producers.values.repairs import Repairs
from streams.records import MalformedRecord

_BEGINNING = re.compile(r"\ufeff?\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_BODY = re.compile(r"<body[\s>]", re.IGNORECASE)
MOST_CHARS = 4 << 20  # of a page that is read so: as much as one that is fetched may have, in Arabic


def with_article(given: dict[str, Any], zone: tzinfo, repairs: Repairs) -> dict[str, Any]:
    """Returns the fields with those of the article in the page of HTML that is the text, where it is one.

    A field that the record gives itself stays. Raises MalformedRecord for a page that is no article.
    """
    markup = given.get("text")
    if not isinstance(markup, str) or len(markup) > MOST_CHARS or not (_BEGINNING.match(markup) or _BODY.search(markup)):
        return given
    # Imported when the first such record comes: the extractor and its libraries take half a second to load.
    from producers.extract.extract import extract  # noqa: PLC0415
    from producers.extract.results import Refusal  # noqa: PLC0415

    url = given.get("url")
    found = extract(markup, url=url if isinstance(url, str) else None, zone=zone)
    if isinstance(found, Refusal):
        raise MalformedRecord("Page", "text", f"a page of HTML that is no article ({found})")
    repairs.add("text", "the article in a page of HTML")
    fields = {name: value for name, value in msgspec.structs.asdict(found).items() if value}
    links = [list(link) for link in found.links]
    return fields | given | {"text": found.text, "links": links}
