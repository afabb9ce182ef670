"""Which lines of a page are the article, by their form and by where they stand.

Furniture and stamps stand above the first paragraph of prose or below the last. Between the two
every line is text, whatever it looks like: an interview's `记者：…？`, a table, a list of dates.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from typing import NamedTuple

from indexer.clean.furniture import BARS, TODAY, Rule, furniture
from indexer.clean.lines import Line
from indexer.clean.stamp import Fact, Stamp, lead_of, read_stamp
from mappings.text import fold

STAMP = "stamp"
AFTER = "after the end"

_EDGE = 1000
"""Lines at either end of a page that are looked at: furniture does not stand deeper."""
_PARAGRAPH = 80
"""Characters from which on a line is a paragraph, full stop or not, unless it is a row of cells."""
_ABSTRACT = 300
"""Characters of prose that can stand above a stamp: many sites put an abstract there."""
_LIST = 3
"""So many lines that begin alike are an interview or a chronicle, no stamps."""
_OURS = re.compile(r"本[网站](?!讯)")
_LEGAL = re.compile(r"版权|转载|稿件|作品|著作权|侵权|免责|用户上传")
_EVENT = re.compile(r"^(?:地点|地址|人物|嘉宾|主持人?|对象|参加人员)\s*:")


class Judged(NamedTuple):
    """A line, the rule that takes it (None: it belongs to the article), and what its stamp says.
    `above`: the stamp stands at the head of the page, under the title.
    """

    line: Line
    rule: str | None = None
    facts: tuple[Fact, ...] = ()
    above: bool = False


def classify(lines: list[Line]) -> list[Judged]:
    """Every line of a page, judged."""
    edges = [*range(min(_EDGE, len(lines))), *range(max(_EDGE, len(lines) - _EDGE), len(lines))]
    ruled = {place: rule for place in edges if (rule := furniture(lines[place]))}
    first, last = prose(lines, ruled)
    ruled = {
        place: rule
        for place, rule in ruled.items()
        if rule.name == BARS or place < first or (place > last and not rule.head)
    }
    end = the_end(lines, ruled, last)
    judged = [
        Judged(line, rule.name if (rule := ruled.get(place)) else (AFTER if place >= end else None))
        for place, line in enumerate(lines)
    ]
    head = Head(lines, ruled, first, end)
    leads = Counter(lead for place in edges if (lead := lead_of(lines[place])))
    for place in edges:
        if place < end and (place not in ruled or ruled[place].name != TODAY):
            stamp = read_stamp(lines[place])
            if stamp and not is_told(stamp, place, lines, leads):
                above = head.holds(place, stamp)
                if above or (place > last and stamp.closes and is_last(judged, place, end)):
                    judged[place] = Judged(lines[place], STAMP, stamp.facts, above)
    return judged


def prose(lines: list[Line], ruled: dict[int, Rule]) -> tuple[int, int]:
    """The places of the first and the last paragraph of prose. Without any the first is behind the
    page's end and the last before its beginning: all lines are then judged by their form.
    """

    def found(places: Iterable[int], otherwise: int) -> int:
        return next((at for at in places if at not in ruled and is_prose(lines[at].text)), otherwise)

    first = found(range(len(lines)), len(lines))
    return first, found(range(len(lines) - 1, first - 1, -1), -1)


def is_prose(text: str) -> bool:
    """Whether a line is a paragraph of an article, and not of the site's terms."""
    if "。" not in text and (len(text) <= _PARAGRAPH or text.count("|") + text.count("｜") > 2):
        return False
    if len(text) > _ABSTRACT:
        return True
    folded = fold(text)
    return not (_OURS.search(folded) and _LEGAL.search(folded))


def the_end(lines: list[Line], ruled: dict[int, Rule], last: int) -> int:
    """Where the article ends: at the first line that says so below all prose, if more of the text
    stands before it than after.
    """
    before = text_above(lines, ruled)
    for place in sorted(ruled):
        if place > last and ruled[place].tail and 2 * before[place] > before[-1]:
            return place
    return len(lines)


def text_above(lines: list[Line], ruled: dict[int, Rule]) -> list[int]:
    """For each line, and for the end, how many characters stand above that are not furniture."""
    sizes = (0 if place in ruled else len(line.text) for place, line in enumerate(lines))
    return list(accumulate(sizes, initial=0))


class Head:
    """The part of a page where its stamp can stand."""

    def __init__(self, lines: list[Line], ruled: dict[int, Rule], first: int, end: int) -> None:
        self._first = first
        self._above = text_above(lines[:end], ruled)
        self._count = list(accumulate((place not in ruled for place in range(end)), initial=0))

    def holds(self, place: int, stamp: Stamp) -> bool:
        """Whether a stamp here stands above the text: before the first prose (a full stamp can have
        an abstract above it), with more of the text below, and something at least.
        """
        above, below = self._above[place], self._above[-1] - self._above[place + 1]
        if place > self._first and (not stamp.full or above > _ABSTRACT):
            return False
        return below > 0 and (above < below or self._count[place] <= _LIST)


def is_told(stamp: Stamp, place: int, lines: list[Line], leads: Counter[str]) -> bool:
    """Whether what looks like a stamp is part of what the article tells: an interview, a chronicle,
    the time of an event whose place stands beside it.
    """
    if stamp.full:
        return False
    beside = [*lines[max(place - 1, 0) : place], *lines[place + 1 : place + 2]]
    return leads[stamp.lead] >= _LIST or any(_EVENT.search(fold(line.text[:20])) for line in beside)


def is_last(judged: list[Judged], place: int, end: int) -> bool:
    """Whether nothing of the article, or one short line of it at most, stands below."""
    below = [item.line for item in judged[place + 1 : end] if item.rule is None]
    return len(below) <= 1 and all(len(line.text) <= _PARAGRAPH // 2 for line in below)
