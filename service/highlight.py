"""Snippets: the passages of an article that show why it was found, with whole matches marked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mappings.query import Term
from mappings.text import find_all

Span = tuple[int, int]

PASSAGE = 150
"""Characters of a passage, more where a match is longer."""
_LEAD = 30
_TRIED = 300
"""Occurrences of a term that a passage is chosen among; a page of nothing else has thousands."""
_PAUSES = "。！？；，：…\n"


@dataclass
class Snippet:
    """A passage of a field. `start` is its place in the field, `marks` are places in `text`, both in
    code points; `more` says whether the field goes on before and behind it.
    """

    field: Literal["title", "body"]
    text: str
    start: int
    marks: list[Span]
    more: tuple[bool, bool]


def find_terms(text: str, terms: Sequence[Term], most: int | None = None) -> list[tuple[Span, int]]:
    """Every occurrence of the terms (the first `most` of each), with the number of its term, in the
    order of the text.
    """
    found = find_all(text, [term.units for term in terms], most)
    return sorted((span, number) for number, spans in enumerate(found) for span in spans)


def merged(spans: Sequence[Span]) -> list[Span]:
    """Sorted spans with those that overlap put together."""
    out: list[Span] = []
    for start, end in spans:
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return out


def title_snippet(title: str, terms: Sequence[Term]) -> Snippet | None:
    """The title with its marks; None where it holds none."""
    found = find_terms(title, terms)
    marks = merged([span for span, _ in found])
    return Snippet("title", title, 0, marks, (False, False)) if marks else None


def body_snippet(body: str, terms: Sequence[Term]) -> Snippet:
    """The passage that holds the most of the terms, the first of the best; without a match, the start."""
    found = find_terms(body, terms, _TRIED)
    if not found:
        return cut(body, 0, PASSAGE, [])
    starts = [start for (start, _), _ in found]
    best, best_score = 0, (0, 0)
    for first, start in enumerate(starts):
        last = bisect_left(starts, start + PASSAGE - _LEAD, lo=first)
        score = (len({number for _, number in found[first:last]}), last - first)
        if score > best_score:
            best, best_score = first, score
        if last == len(found):
            break
    start, end = found[best][0]
    return cut(body, lead(body, start), max(start + PASSAGE - _LEAD, end), [span for span, _ in found])


def lead(body: str, start: int) -> int:
    """Where a passage around a match begins: after the last pause before it, if one is near."""
    begin = max(0, start - _LEAD)
    pause = max(body.rfind(mark, begin, start) for mark in _PAUSES)
    return pause + 1 if pause >= 0 else begin


def cut(body: str, start: int, end: int, spans: Sequence[Span]) -> Snippet:
    """The passage from `start` to `end`, longer where a match reaches over the end, with its marks."""
    end = max([min(end, len(body)), *(last for first, last in spans if start <= first < end)])
    inside = merged(
        [(first - start, last - start) for first, last in spans if start <= first and last <= end]
    )
    return Snippet("body", body[start:end], start, inside, (start > 0, end < len(body)))
