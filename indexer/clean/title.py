"""Which of a page's first lines is the title."""

from __future__ import annotations

import re

from indexer.clean.lines import Line
from indexer.clean.stamp import OUTLET
from mappings.article import one_line
from mappings.text import fold, term_units

LONGEST = 80
"""Characters of a title at the most; what is longer is a paragraph."""
SHORTEST = 4
"""Units of a title at the least."""

_SITE = re.compile(rf"\s*[_\-|—]+\s*{OUTLET}$")
_BAR = re.compile(r"\s[|>→·»]+\s|[|»→]|>>")
_MASTHEAD = re.compile(rf"^{OUTLET}(\s|·|$)")


def take_title(lines: list[Line], above: int | None) -> tuple[Line | None, list[Line], list[Line]]:
    """The title's line, the lines of the article behind it, and the lines of the page's head that go.

    `above` is how many lines stand above the stamp. The title is the one nearest to the stamp that
    reads like one; a line that says the same again goes. Without a stamp it is the first line.
    """
    head = lines[:above] if above and all(len(line.text) <= LONGEST for line in lines[:above]) else []
    candidates = head or lines[:1]
    if above == 0:
        candidates = []
    likely = [line for line in candidates if is_title(line.text)]
    if not likely:
        return None, lines, []
    texts = [tuple(term_units(without_site(line.text))) for line in lines[: len(candidates) + 3]]
    ranked = [(likelihood(line, texts), place) for place, line in enumerate(likely)]
    best = likely[max(ranked)[1]]
    title = without_site(one_line(best.text))
    behind = lines[len(candidates) :]
    kept_head = [line for line in candidates if line.text.startswith(("—", "-")) and line.start > best.start]
    gone = [line for line in candidates if line is not best and line not in kept_head]
    repeated = repeats(behind, title)
    return best, [*kept_head, *behind[repeated:]], [*gone, *behind[:repeated]]


def likelihood(line: Line, texts: list[tuple[str, ...]]) -> int:
    """How much a line reads like the title; ties go to the one nearest to the stamp."""
    folded = fold(line.text)
    bare = without_site(line.text)
    score = 4 if texts.count(tuple(term_units(bare))) > 1 else 0
    score += 2 if bare == line.text else 0
    score += 1 if len(line.text) >= 8 else 0
    return score - (4 if _BAR.search(folded) or _MASTHEAD.search(folded) else 0)


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
