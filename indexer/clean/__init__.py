"""A page cleaned: its title, its body, and what the furniture around them said.

Furniture is recognised line by line by the rules of furniture.toml; the facts of stamp lines
(来源, 作者, 发布时间) are kept for the labels.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from indexer.clean.lines import Line, join, normalise, split
from indexer.clean.stamp import Fact, masthead_facts, notice_facts, stamp_facts
from indexer.clean.title import repeats, take_title, without_site
from indexer.source import Page, Reject
from mappings.article import one_line
from mappings.text import fold, term_units


@dataclass(frozen=True, slots=True)
class Removed:
    """A line that did not reach the article, and the rule that took it. The place is in the page."""

    rule: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A page after cleaning. `body` has one line a paragraph."""

    page: Page
    title: str | None
    body: str
    facts: tuple[Fact, ...]
    removed: tuple[Removed, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of furniture. `tail`: nothing after it belongs to the article."""

    name: str
    pattern: re.Pattern[str]
    example: str
    tail: bool


TODAY = "today"
"""The rule for lines that tell the day of the visit (今天是 2025年…), never that of publication."""


@cache
def rules() -> tuple[Rule, ...]:
    """The furniture rules, in the order in which they are tried."""
    data = tomllib.loads((Path(__file__).parent / "furniture.toml").read_text("utf-8"))
    return tuple(
        Rule(rule["name"], re.compile(rule["pattern"]), rule["example"], rule.get("tail", False))
        for rule in data["rule"]
    )


def clean(page: Page) -> Cleaned | Reject:
    """The article in a page; a Reject where no text is left."""
    page = Page(page.origin, normalise(page.text), page.record)
    kept: list[Line] = []
    facts: list[Fact] = []
    mastheads: list[Fact] = []
    removed: list[Removed] = []
    gone: list[Line] = []
    above: int | None = None
    for line, rule, said in classify(split(page.text)):
        if rule is None:
            kept.append(line)
            continue
        if said and above is None:
            above = len(kept)
        facts += said or notice_facts(line)
        if not kept:
            mastheads += masthead_facts(line)
        removed.append(Removed(rule, line.text, line.start, line.end))
    if title := page.record.get("title"):
        title = one_line(title)
        rest = kept[repeats(kept, title) :]
    else:
        first, rest, gone = take_title(kept, above)
        title = without_site(one_line(first.text)) if first else None
        if first and title != one_line(first.text):
            mastheads += masthead_facts(first)
    for line in gone:
        mastheads += masthead_facts(line)
        removed.append(Removed("head", line.text, line.start, line.end))
    body = join(rest)
    if not term_units(body):  # what looked like a title is all there is
        title, body = page.record.get("title"), join(kept)
    if not term_units(body):
        return Reject.at(page.origin, "no text is left after cleaning")
    return Cleaned(page, title, body, (*facts, *mastheads), tuple(removed))


def classify(lines: list[Line]) -> list[tuple[Line, str | None, list[Fact]]]:
    """Each line with the rule that takes it (None: it belongs to the article) and what it says.

    What ends an article is believed only where more of the text stands before it than after.
    """
    ruled = [judged(line) for line in lines]
    tails = {rule.name for rule in rules() if rule.tail}
    sizes = [0 if rule else len(line.text) for line, rule, _ in ruled]
    before, total = 0, sum(sizes)
    for place, (_, rule, _) in enumerate(ruled):
        before += sizes[place]
        if rule in tails and before > total - before:
            return ruled[:place] + [
                (line, rule or "after the end", said) for line, rule, said in ruled[place:]
            ]
    return ruled


def judged(line: Line) -> tuple[Line, str | None, list[Fact]]:
    """A line with its rule and what it says. The day of the visit is told first: it is no stamp."""
    rule = furniture(line)
    if rule == TODAY:
        return line, rule, []
    said = stamp_facts(line)
    return line, "stamp" if said else rule, said


def furniture(line: Line) -> str | None:
    """The name of the rule that a line falls under; None where it belongs to the article."""
    folded = fold(line.text)
    return next((rule.name for rule in rules() if rule.pattern.search(folded)), None)
