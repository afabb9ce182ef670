"""The rules that tell furniture by the form of a line (furniture.toml)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from indexer.clean.lines import Line
from mappings.text import fold

TODAY = "today"
"""The rule for lines that tell the day of the visit (今天是 2025年…), never that of publication."""
BARS = "bars"
"""The rule for lines without a word."""

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of furniture. `tail`: nothing after it belongs to the article; `head`: stands above
    the text only; `prose`: may hold a full stop.
    """

    name: str
    pattern: re.Pattern[str]
    example: str
    longest: int
    tail: bool
    head: bool
    prose: bool


@cache
def rules() -> tuple[Rule, ...]:
    """The furniture rules, in the order in which they are tried."""
    data = tomllib.loads((Path(__file__).parent / "furniture.toml").read_text("utf-8"))
    return tuple(
        Rule(
            rule["name"],
            re.compile(rule["pattern"]),
            rule["example"],
            rule.get("longest", _LONGEST),
            *(rule.get(flag, False) for flag in ("tail", "head", "prose")),
        )
        for rule in data["rule"]
    )


@cache
def _longest() -> int:
    return max(rule.longest for rule in rules())


def furniture(line: Line) -> Rule | None:
    """The rule that a line falls under by its form; None where it reads like text."""
    size = len(line.text)
    if size > _longest():
        return None
    folded = fold(line.text)
    stop = "。" in folded
    return next(
        (
            rule
            for rule in rules()
            if size <= rule.longest and (rule.prose or not stop) and rule.pattern.search(folded)
        ),
        None,
    )
