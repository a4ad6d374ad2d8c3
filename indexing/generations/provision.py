"""Index templates: there before the first document, and never changed under documents of another version."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterable

import orjson
from elasticsearch import BadRequestError, Elasticsearch

from indexing.generations.names import ALL_BY_MONTH, Names, generation_of
from indexing.generations.state import Generations, read_generations, template_meta
from indexing.generations.template import PRIORITY, index_template
from indexing.schema.reading import template_version
from streams.clock import now
from streams.errors import RafidError

TOMBSTONE = "retired"


class OtherVersion(RafidError):
    """The live indices were made by another version of the template: documents of this one do not belong there."""


def provision(client: Elasticsearch, namespace: str = "news", monthly_from: str | None = None) -> list[str]:
    """Installs the template of the live generation; returns what changed, one line each, nothing when all was there.

    Where nothing was installed, months from `monthly_from` on will have an index each (default: from January of last year),
    and those before it one a year; that stays so. Raises OtherVersion when an index of the live generation was made from a
    template of another version, and RafidError when the months are kept from another on already.
    """
    state = read_generations(client, namespace)
    live = state.live
    is_new = not state.indices and template_meta(client, live) is None
    if is_new:
        live = dataclasses.replace(live, monthly_from=monthly_from or f"{int(now()[:4]) - 1}-01")
    elif monthly_from not in {None, live.monthly_from}:
        kept = "every month" if live.monthly_from == ALL_BY_MONTH else f"each month from {live.monthly_from} on"
        raise RafidError(f"{namespace} has an index for {kept}, which only `rafid reindex --monthly-from` can change")
    check_version(client, state)
    changed = [f"index {index}: taken over from the generation that was being built" for index in state.left_by_swap]
    try:
        line = put_template(client, live, public=state.public, create=is_new)
    except BadRequestError:
        if not is_new or template_meta(client, live) is None:
            raise
        return provision(client, namespace, monthly_from)  # another was first, at the same moment
    return [*changed, line] if line else changed


def put_template(
    client: Elasticsearch,
    target: Names,
    *,
    live: bool = True,
    public: Iterable[str] | None = None,
    create: bool = False,
) -> str | None:
    """Installs this rafid's template for this generation; returns one line about the change, None when there was none.

    With `create` the client raises BadRequestError when there is one.
    """
    body = index_template(target.namespace, target.generation, live=live, public=public, monthly_from=target.monthly_from)
    digest = hashlib.blake2b(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
    installed = template_meta(client, target)
    if installed is not None and installed.get("digest") == digest:
        return None
    meta = body.pop("_meta") | {"digest": digest}
    client.indices.put_index_template(name=target.template, meta=meta, create=create, **body)
    if installed is None:
        kept = "" if target.monthly_from == ALL_BY_MONTH else f"; an index a month from {target.monthly_from} on, a year before"
        return f"index template {target.template}: created (version {template_version()}{kept})"
    return f"index template {target.template}: replaced (version {installed.get('version')} -> {template_version()})"


def put_tombstone(client: Elasticsearch, target: Names) -> None:
    """Blocks writes to every index of this generation, also to one that a worker of the past makes from now on."""
    client.indices.put_index_template(
        name=target.template,
        index_patterns=[target.pattern],
        priority=PRIORITY,
        template={"settings": {"index.blocks.write": True}, "mappings": {"dynamic": False}},
        meta={"version": TOMBSTONE, "monthly_from": target.monthly_from},
    )


def last_generation(client: Elasticsearch, state: Generations) -> int:
    """Returns the highest generation that ever was: of an index, or of a template or tombstone."""
    lenient = client.options(ignore_status=404)  # the answer when no template matches
    answer = lenient.indices.get_index_template(name=state.live.all_generations, filter_path="index_templates.name").body
    known = [*state.indices, *(template["name"] for template in answer.get("index_templates", ()))]
    return max((generation_of(name, state.live.namespace) or 0 for name in known), default=0)


def check_version(client: Elasticsearch, state: Generations) -> None:
    """Raises OtherVersion unless every index of the live generation was made from the template of this rafid."""
    for index, version in versions(client, state, state.live).items():
        if version != template_version():
            raise OtherVersion(
                f"index {index} was made from version {version} of the template, and this rafid has {template_version()}: "
                "run `rafid reindex`, which builds the next generation beside it"
            )


def versions(client: Elasticsearch, state: Generations, target: Names) -> dict[str, str | None]:
    """Returns the version of the template that each index of a generation was made from, the oldest first."""
    answer = client.indices.get_mapping(index=target.pattern, filter_path="*.mappings._meta").body
    made_from = {index: entry["mappings"]["_meta"].get("version") for index, entry in answer.items()}
    return {index: made_from.get(index) for index in map(target.index, state.periods(target))}
