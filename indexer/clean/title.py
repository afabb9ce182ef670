"""Which of a page's first lines is the title."""

from __future__ import annotations

import re

from indexer.clean.lines import Line
from indexer.clean.stamp import OUTLET, PLAIN_OUTLET
from mappings.article import one_line
from mappings.text import fold, term_units

LONGEST = 80
"""Characters of a title at the most; what is longer is a paragraph."""
SHORTEST = 4
"""Units of a title at the least."""

_SITE = re.compile(rf"(?:\s*[_\-|]+\s*{OUTLET}|\s*—+\s*{PLAIN_OUTLET})$")
"""A dash joins the two halves of a headline too (民警进村——织密平安网): there only a name that can be
nothing but a publisher's is one.
"""
_BAR = re.compile(r"\s[|>→·»]+\s|[|»→]|>>")
_MASTHEAD = re.compile(rf"^(?P<name>{OUTLET})(?:[\s·|](?P<rest>.*))?$")
_PLAIN_MASTHEAD = re.compile(PLAIN_OUTLET)
_PARTS = re.compile(r"[\s|·>»→\-]+")
_MENU = re.compile(
    r"^(?:.{0,2}首页|正文|第.{1,3}版|.{2,4}(?:栏目|频道|专栏)|app下载|.{2}模式|网站地图|无障碍(?:浏览)?|电子版|数字报|手机版)$"
)
_CELL = 8
"""Characters of an entry of a menu at the most."""


def take_title(
    lines: list[Line], above: int | None, named: frozenset[str]
) -> tuple[Line | None, list[Line], list[Line]]:
    """The title's line, the lines of the article without it, and the lines of the page's head that go.

    `above` is how many lines stand above the stamp, `named` whom it names as publisher (folded). The
    title is the line nearest to the stamp that reads like one; without a stamp the first. Of the others
    only those go that say the same again or are the page's masthead: a headline can have several lines.
    """
    head = lines[:above] if above and all(len(line.text) <= LONGEST for line in lines[:above]) else []
    candidates = head or lines[:1]
    if above == 0:
        candidates = []
    likely = [line for line in candidates if is_title(line.text)]
    if not likely:
        return None, lines, []
    near = lines[: len(candidates) + 3]
    texts = [said(line.text) if len(line.text) <= 2 * LONGEST else () for line in near]
    ranked = [(likelihood(line, texts, named), place) for place, line in enumerate(likely)]
    best = likely[max(ranked)[1]]
    title = said(best.text)
    others = [line for line in candidates if line is not best]
    gone = [line for line in others if said(line.text) == title or is_masthead(line.text, named)]
    behind = lines[len(candidates) :]
    again = repeats(behind, without_site(one_line(best.text)))
    kept = [line for line in others if line not in gone]
    return best, [*kept, *behind[again:]], [*gone, *behind[:again]]


def said(text: str) -> tuple[str, ...]:
    """The units of a title without the site's name."""
    return tuple(term_units(without_site(text)))


def likelihood(line: Line, texts: list[tuple[str, ...]], named: frozenset[str]) -> int:
    """How much a line reads like the title; ties go to the one nearest to the stamp."""
    folded = fold(line.text)
    bare = without_site(line.text)
    score = 4 if texts.count(tuple(term_units(bare))) > 1 else 0
    score += 2 if bare == line.text else 0
    score += 1 if len(line.text) >= 8 else 0
    return score - (4 if _BAR.search(folded) or is_masthead(line.text, named) else 0)


def is_masthead(text: str, named: frozenset[str]) -> bool:
    """Whether a line at the head of a page is the publisher's name, alone or with a menu beside it.
    A headline can end on the same characters (警民织密平安网): the name must be one that the stamp says,
    or stand beside a menu, or end as only publishers' names do.
    """
    match = _MASTHEAD.search(fold(text))
    if match is None:
        return False
    parts = [part for part in _PARTS.split(match["rest"] or "") if part]
    if any(len(part) > _CELL for part in parts):
        return False
    plain = not parts and _PLAIN_MASTHEAD.fullmatch(match["name"]) is not None
    return plain or match["name"] in named or any(map(_MENU.search, parts))


def without_site(text: str) -> str:
    """A title without the name of the site that pages append to it."""
    if len(text) > 2 * LONGEST:  # no title; and the search takes the square of a run of dashes
        return text
    match = _SITE.search(fold(text))
    return text[: match.start()] if match and match.start() >= SHORTEST else text


def is_title(text: str) -> bool:
    """Whether a line can be a title at all."""
    if text.startswith(("—", "-", "(", "（")) or text[-1] in "。；;，," or "。" in text:
        return False
    return len(text) <= LONGEST and len(term_units(text)) >= SHORTEST


def repeats(lines: list[Line], title: str) -> int:
    """How many of the first lines say the title again."""
    wanted = term_units(title)
    place = 0
    while place < min(len(lines), 3) and term_units(without_site(lines[place].text)) == wanted:
        place += 1
    return place
