"""What a person typed, read into a query tree. Nothing that is typed is an error.

Space is AND. `"…"` is one exact text; a bare term is exact too; `-term` excludes. Full-width forms
work. A quote or `-` is an operator only at a term's edge, and a quote only if its partner stands at
an edge too; otherwise it is text.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from mappings.errors import RequestError
from mappings.query import EVERYTHING, And, Not, Nothing, Query, Term
from mappings.settings import Settings
from mappings.text import fold, term_units

_QUOTES = {'"': '"', "“": "”", "＂": "＂", "「": "」", "『": "』"}
_MINUS = "-－"


@dataclass
class Note:
    """Something in a query that was read otherwise than it was typed. `text` is the part of it."""

    code: str
    text: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A query as it was read: the tree, the terms in it that are looked for, and the notes.

    `text` is what was typed, without the space around it.
    """

    text: str
    query: Query
    terms: tuple[Term, ...]
    excluded: tuple[Term, ...]
    notes: tuple[Note, ...]


def read_query(typed: str, settings: Settings) -> Reading:
    """The reading of what was typed. Raises RequestError where it is longer than the limits allow."""
    whole = typed.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", whole).strip()
    if len(text) > settings.max_query:
        raise RequestError(
            f"the query has {len(text):,} characters; the limit is {settings.max_query:,}", parameter="q"
        )
    pieces = list(split(text))
    if len(pieces) > settings.max_clauses:
        raise RequestError(
            f"the query has {len(pieces)} terms; the limit is {settings.max_clauses}", parameter="q"
        )
    terms: list[Term] = []
    excluded: list[Term] = []
    notes: list[Note] = []
    for piece, negative in pieces:
        if units := term_units(piece):
            (excluded if negative else terms).append(Term(piece, tuple(units)))
        else:
            notes.append(Note("nothing-to-find", piece, "no character, word or number in it; left out"))
    queries: list[Query] = [*unique(terms), *(Not(term) for term in unique(excluded))]
    query = And(tuple(queries)) if queries else Nothing() if notes else EVERYTHING
    return Reading(text, query, unique(terms), unique(excluded), tuple(notes))


def unique(terms: list[Term]) -> tuple[Term, ...]:
    """The terms without those that ask the same again."""
    found: dict[tuple[str, ...], Term] = {}
    for term in terms:
        found.setdefault(term.units, term)
    return tuple(found.values())


def split(text: str) -> list[tuple[str, bool]]:
    """The terms of a query as typed, each with whether it is excluded."""
    pieces: list[tuple[str, bool]] = []
    place = 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        negative = text[place] in _MINUS and place + 1 < len(text) and not text[place + 1].isspace()
        start = place + negative
        close = closing(text, start)
        if close is not None and close > start + 1:
            pieces.append((text[start + 1 : close], negative))
            place = close + 1
            continue
        place = start
        while place < len(text) and not text[place].isspace():
            place += 1
        pieces.append((text[start:place], negative))
    return pieces


def closing(text: str, start: int) -> int | None:
    """The place of the partner of a quote at `start`, if both stand at an edge; else None."""
    opener = text[start]
    closer = _QUOTES.get(opener)
    if closer is None:
        return None
    depth = 0
    for place in range(start + 1, len(text)):
        if text[place] == closer and depth == 0:
            return place if place + 1 == len(text) or text[place + 1].isspace() else None
        depth += (text[place] == opener) - (text[place] == closer)
    return None


def forms(term: Term) -> list[str]:
    """The forms in which a term is looked for: its text as both scripts fold it."""
    return [fold(term.text).strip()]
