"""The publisher as printed, and the authors apart from it."""

from __future__ import annotations

import re

from indexer.clean import Cleaned
from indexer.clean.stamp import Fact, Kind
from indexer.extract.byline import by_line, is_person, names
from indexer.extract.dateline import Dateline
from mappings.article import UNKNOWN, Basis, Evidence, Place, one_line
from mappings.text import fold

_NOT_A_NAME = re.compile(
    r"^(原创|互联网|网络|转载|综合|未知|不详|本站|本网|本报|unknown|null|none)?$", re.IGNORECASE
)
_LONGEST = 40
_ANOTHER = re.compile(r"非|x|×|○|某|其他|其它")
"""How the name begins by which a notice means anyone but the site itself."""
_OF_ITSELF = re.compile(r"本[网站报台](?:注明|标明|注有)[:\s]*[“\"「『]?\s*(?:来源|稿源)\s*:\s*$")
_INTERVIEW = re.compile(r"(?:^|\n)\s*记者\s*:\s*$")
_BEFORE = 20


def label_source(cleaned: Cleaned, dateline: Dateline | None) -> tuple[str | None, list[Evidence]]:
    """The publisher from the record, the stamp, the dateline, the copyright notice, or what stands in
    the stamp or at the head of the page without being called a source; in this order.
    """
    for found in (
        from_record(cleaned),
        stated(cleaned, "source"),
        from_dateline(dateline),
        stated(cleaned, "notice"),
        stated(cleaned, "outlet"),
    ):
        if found is not None:
            return found.value, [found]
    return None, []


def from_record(cleaned: Cleaned) -> Evidence | None:
    record = cleaned.page.record.get("source", "")
    said = printed(record)
    if said is None:
        return None
    quote = said if said in record else record
    start = record.index(quote)
    return Evidence("source", said, "record", quote, start, start + len(quote), "record", "stated")


def from_dateline(dateline: Dateline | None) -> Evidence | None:
    if dateline is None or dateline.outlet is None:
        return None
    outlet = dateline.outlet
    return Evidence("source", outlet, "dateline", outlet, *dateline.outlet_span, "body", "stated")


def stated(cleaned: Cleaned, kind: Kind) -> Evidence | None:
    """The first publisher that facts of a kind name."""
    for fact in cleaned.facts:
        if fact.kind != kind or (kind == "notice" and _ANOTHER.match(fold(fact.text))):
            continue
        if said := printed(fact.text):
            rule, basis = _authority(kind, before(cleaned, fact))
            return Evidence("source", said, rule, fact.text, fact.start, fact.end, "page", basis)
    return None


def _authority(kind: Kind, said_before: str) -> tuple[str, Basis]:
    """The rule for a fact and its basis: a notice tells the publisher where the site speaks of itself."""
    if kind == "notice":
        return "notice", "stated" if _OF_ITSELF.search(said_before) else "inferred"
    return ("masthead", "inferred") if kind == "outlet" else ("stamp", "stated")


def before(cleaned: Cleaned, fact: Fact) -> str:
    """What stands right before a fact in the page, folded."""
    return fold(cleaned.page.text[max(fact.start - _BEFORE, 0) : fact.start])


def printed(text: str) -> str | None:
    """A publisher's name, or None where the words name none."""
    name = one_line(text).strip("《》“”\"'「」『』()（）[]【】 ")
    return None if _NOT_A_NAME.match(name) or name == UNKNOWN or len(name) > _LONGEST else name


def label_authors(cleaned: Cleaned, dateline: Dateline | None) -> tuple[tuple[str, ...], list[Evidence]]:
    """The authors from the stamp, else from the by-line behind the dateline."""
    for fact in cleaned.facts:
        if fact.kind == "author" and (said := stamped(cleaned, fact)):
            return said, [authorship(said, "stamp", fact.text, fact.start, "page")]
    if dateline is not None and dateline.by is not None:
        start, end = dateline.by
        quote = cleaned.body[start:end]
        if said := by_line(quote):
            return said, [authorship(said, "by-line", quote, start, "body")]
    return (), []


def stamped(cleaned: Cleaned, fact: Fact) -> tuple[str, ...]:
    """The authors that a stamp names. A line that begins with 记者: may as well be an interview's, so
    what follows must be a person's name.
    """
    said = names(fact.text)
    if _INTERVIEW.search(before(cleaned, fact)):
        return tuple(name for name in said if is_person(name))
    return said


def authorship(said: tuple[str, ...], rule: str, quote: str, start: int, where: Place) -> Evidence:
    return Evidence("authors", "; ".join(said), rule, quote, start, start + len(quote), where, "stated")
