"""A page cleaned: its title, its body, and what the furniture around them said.

Furniture is recognised by the rules of furniture.toml and by where it stands; the facts of stamp lines
(来源, 作者, 发布时间) are kept for the labels.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from typing import Self

from indexer.clean.classify import STAMP, Judged, classify
from indexer.clean.furniture import BARS, rules
from indexer.clean.lines import Line, join, normalise, split
from indexer.clean.stamp import Fact, masthead_facts, notice_facts
from indexer.clean.title import repeats, take_title, without_site
from indexer.source import Page, Reject
from mappings.article import one_line
from mappings.text import fold, term_units

__all__ = ["Cleaned", "Removed", "clean", "rules"]


@dataclass(frozen=True, slots=True)
class Removed:
    """A line that did not reach the article, and the rule that took it. The place is in the page."""

    rule: str
    text: str
    start: int
    end: int

    @classmethod
    def of(cls, rule: str, line: Line) -> Self:
        return cls(rule, line.text, line.start, line.end)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A page after cleaning. `body` has one line a paragraph."""

    page: Page
    title: str | None
    body: str
    facts: tuple[Fact, ...]
    removed: tuple[Removed, ...]


def clean(page: Page) -> Cleaned | Reject:
    """The article in a page; a Reject where there is no text at all."""
    page = Page(page.origin, normalise(page.text), page.record)
    judged = with_text(classify(split(page.text)))
    kept = [item.line for item in judged if item.rule is None]
    facts = [fact for item in judged for fact in item.facts]
    removed = [(item.rule, item.line) for item in judged if item.rule]
    facts += [fact for item in judged if item.rule and not item.facts for fact in notice_facts(item.line)]
    mastheads = [fact for line in head_furniture(judged) for fact in masthead_facts(line)]
    given: str | None = one_line(page.record.get("title", "")) or None
    if title := given:
        again = repeats(kept, given)
        gone, rest = kept[:again], kept[again:]
    else:
        named = frozenset(fold(fact.text) for fact in facts if fact.kind in ("source", "outlet"))
        first, rest, gone = take_title(kept, lines_above(judged), named)
        title = without_site(one_line(first.text)) if first else None
        if first and title != one_line(first.text):
            mastheads += masthead_facts(first)
        mastheads += [fact for line in gone for fact in masthead_facts(line)]
    body = join(rest)
    if not term_units(body):  # what looked like a title is all there is
        title, body, gone = given, join(kept), []
    if not term_units(body):
        return Reject.at(page.origin, "no text is left after cleaning")
    removed += [("head", line) for line in gone]
    return Cleaned(page, title, body, (*facts, *mastheads), tuple(Removed.of(*item) for item in removed))


def with_text(judged: list[Judged]) -> list[Judged]:
    """The lines as judged, if an article is left; else with all but the stamps and bars in it; else
    with all of them. A page that has words is never lost to cleaning.
    """

    def has_text(items: list[Judged]) -> bool:
        return bool(term_units("\n".join(item.line.text for item in items if item.rule is None)))

    if has_text(judged):
        return judged
    freed = [item if item.rule in (STAMP, BARS) else item._replace(rule=None) for item in judged]
    return freed if has_text(freed) else [item._replace(rule=None, above=False) for item in judged]


def head_furniture(judged: list[Judged]) -> list[Line]:
    """The furniture above the article's first line."""
    return [item.line for item in takewhile(lambda item: item.rule is not None, judged)]


def lines_above(judged: list[Judged]) -> int | None:
    """How many lines of the article stand above its stamp; None where no stamp is under the title."""
    place = next((place for place, item in enumerate(judged) if item.above), None)
    return None if place is None else sum(item.rule is None for item in judged[:place])
