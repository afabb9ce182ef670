"""The publisher as printed, and the authors apart from it."""

from __future__ import annotations

import re

from indexer.clean import Cleaned
from indexer.clean.stamp import Fact
from indexer.extract.dateline import Dateline, names
from mappings.article import UNKNOWN, Basis, Evidence, one_line

_NOT_A_NAME = re.compile(
    r"^(原创|互联网|网络|转载|综合|未知|不详|本站|本网|本报|unknown|null|none)?$", re.IGNORECASE
)
_LONGEST = 40


def label_source(cleaned: Cleaned, dateline: Dateline | None) -> tuple[str | None, list[Evidence]]:
    """The publisher from the record, the stamp, the dateline, the copyright notice, or what stands in
    the stamp or at the head of the page without being called a source; in this order.
    """
    if said := printed(cleaned.page.record.get("source", "")):
        return said, [Evidence("source", said, "record", said, 0, len(said), "record", "stated")]
    if found := stated(cleaned.facts, "source"):
        return found.value, [found]
    if dateline is not None and dateline.outlet:
        start, end = dateline.outlet_span
        outlet = dateline.outlet
        return outlet, [Evidence("source", outlet, "dateline", outlet, start, end, "body", "stated")]
    for kind in ("notice", "outlet"):
        if found := stated(cleaned.facts, kind):
            return found.value, [found]
    return None, []


def stated(facts: tuple[Fact, ...], kind: str) -> Evidence | None:
    rule = {"source": "stamp", "outlet": "masthead"}.get(kind, kind)
    for fact in facts:
        if fact.kind == kind and (said := printed(fact.text)):
            basis: Basis = "inferred" if rule == "masthead" else "stated"
            return Evidence("source", said, rule, fact.text, fact.start, fact.end, "page", basis)
    return None


def printed(text: str) -> str | None:
    """A publisher's name, or None where the words name none."""
    name = one_line(text).strip("《》“”\"'「」『』()（）[]【】 ")
    return None if _NOT_A_NAME.match(name) or name == UNKNOWN or len(name) > _LONGEST else name


def label_authors(cleaned: Cleaned, dateline: Dateline | None) -> tuple[tuple[str, ...], list[Evidence]]:
    """The authors from the stamp, else from the by-line behind the dateline."""
    for fact in cleaned.facts:
        if fact.kind == "author" and (said := names(fact.text)):
            return said, [
                Evidence(
                    "authors", "; ".join(said), "stamp", fact.text, fact.start, fact.end, "page", "stated"
                )
            ]
    if dateline is not None and dateline.by is not None:
        start, end = dateline.by
        quote = cleaned.body[start:end]
        if said := names(quote):
            return said, [
                Evidence("authors", "; ".join(said), "by-line", quote, start, end, "body", "stated")
            ]
    return (), []
