"""What "contains" means: fold, units, pairs (docs/contains.md).

fold    one code point to one code point, so an offset in folded text is one in the original
unit    a Han character; a run of other letters, digits and marks, cut at 64; or a break
pair    two neighbouring units

A text is contained in another iff its units stand there in a row. The classes are a committed
table (text.tsv, by scripts/build_text_table.py), never the running Python's Unicode version.
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

LONGEST_UNIT = 64
"""Code points after which a run of letters and digits is cut into the next unit."""

BREAK = "。"
"""How the break unit is written; every break folds to it when units are made."""

PAIR_JOIN = "\x1f"
"""Stands between the two units of a pair in an index term; no unit can hold it."""

Kind = Literal["clear", "word", "han", "break"]
"""The class of a code point."""

_KINDS: dict[Kind, int] = {"clear": 0, "word": 1, "han": 2, "break": 3}
_CLEAR, _WORD, _HAN, _BREAK = _KINDS.values()
_CODES = 0x110000
_OVERLONG = b"\1" * (LONGEST_UNIT + 1)


def _load() -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.uint32]]:
    """The fold of every code point, its class, and how it is written in a unit."""
    folds = np.arange(_CODES, dtype="<u4")
    classes = np.zeros(_CODES, dtype=np.uint8)
    for line in (Path(__file__).parent / "text.tsv").read_text("utf-8").splitlines():
        kind, *cells = line.split("\t")
        if kind == "fold":
            folds[int(cells[0], 16)] = int(cells[1], 16)
        elif kind == "class":
            classes[int(cells[0], 16) : int(cells[1], 16) + 1] = _KINDS[cast("Kind", cells[2])]
    written = folds.copy()
    written[classes == _BREAK] = ord(BREAK)
    for table in (folds, classes, written):
        table.setflags(write=False)
    return folds, classes, written


_FOLD, _CLASS, _WRITTEN = _load()
_SPELLED = np.where(_CLASS == _CLEAR, np.uint32(ord(" ")), _WRITTEN)
"""How a code point stands in spelled text: as in a unit, a space for what is transparent."""


def _codes(text: str) -> NDArray[np.uint32]:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def _text(codes: NDArray[np.uint32]) -> str:
    return codes.tobytes().decode("utf-32-le", "surrogatepass")


def fold(text: str) -> str:
    """The text in lower case, Simplified script and plain width; same length, idempotent."""
    return _text(_FOLD[_codes(text)])


def simplify(text: str) -> str:
    """The text with its Han characters folded and everything else as it was."""
    codes = _codes(text)
    return _text(np.where(_CLASS[codes] == _HAN, _FOLD[codes], codes))


class Units:
    """The units of a text, with the place of each in it."""

    def __init__(self, text: str) -> None:
        codes = _codes(text)
        kind = _CLASS.take(codes)
        kept = kind != _CLEAR
        begins = kind >= _HAN
        word = kind == _WORD
        begins[:1] |= word[:1]
        begins[1:] |= word[1:] > word[:-1]
        if _OVERLONG in word.tobytes():
            place = np.arange(len(codes))
            since = place - np.maximum.accumulate(np.where(begins, place, 0))
            begins |= word & (since % LONGEST_UNIT == 0)
        solid = kept.nonzero()[0]
        pause = kind.take(solid) == _BREAK
        surplus = solid[:-1][pause[:-1] & pause[1:]]  # of a run of breaks only the last is a unit
        kept[surplus] = begins[surplus] = False
        self._kept, self._begins, self._codes = kept, begins, codes

    @cached_property
    def starts(self) -> NDArray[np.intp]:
        """Where each unit begins in the text, in code points."""
        return np.flatnonzero(self._begins)

    @cached_property
    def ends(self) -> NDArray[np.intp]:
        """Where each unit ends in the text, in code points."""
        closes = self._kept.copy()
        closes[:-1] &= self._begins[1:] | ~self._kept[1:]
        return np.flatnonzero(closes) + 1

    def __len__(self) -> int:
        return int(np.count_nonzero(self._begins))

    def __iter__(self) -> Iterator[str]:
        return iter(self.joined[1:-1].split(" ")) if self.joined else iter(())

    @cached_property
    def joined(self) -> str:
        """The units with one space before, between and after them; "" where there is none."""
        slots = np.empty((len(self._codes), 2), dtype="<u4")
        slots[:, 0] = ord(" ")
        slots[:, 1] = _WRITTEN.take(self._codes)
        mask = np.empty(slots.shape, dtype=np.bool_)
        mask[:, 0], mask[:, 1] = self._begins, self._kept
        text = _text(slots.ravel().compress(mask.ravel()))
        return f"{text} " if text else ""

    @cached_property
    def pairs(self) -> str:
        """The pairs, each joined by PAIR_JOIN, with one space between them; of a lone unit that unit, so
        that every text has a term here and both engines count it; "" where there is none.

        Every unit but the first and the last stands twice, as the right half of one pair and the
        left half of the next, so the stream is: unit, then JOIN unit SPACE unit for each further one.
        """
        written = _WRITTEN.take(self._codes.compress(self._kept))
        begins = self._begins.compress(self._kept).nonzero()[0]
        count, length = len(begins), len(written)
        if count < 2:
            return _text(written)
        if count == length:
            rows = np.empty((count - 1, 4), dtype="<u4")
            rows[:, 3] = ord(" ")
            rows[:, 0], rows[:, 1], rows[:, 2] = written[:-1], ord(PAIR_JOIN), written[1:]
            return _text(rows.ravel()[:-1])
        lengths = np.empty_like(begins)
        np.subtract(begins[1:], begins[:-1], out=lengths[:-1])
        lengths[-1] = length - begins[-1]
        joins = begins + np.arange(0, 2 * count, 2)
        place = np.arange(1, length + 1) + joins.repeat(lengths)
        joins += begins
        out = np.empty(2 * length + 2 * count, dtype="<u4")
        out.fill(ord(" "))
        out[place] = written
        place += (lengths + 1).repeat(lengths)
        out[place] = written
        out[joins] = ord(PAIR_JOIN)
        return _text(out[2 + int(lengths[0]) : -1 - int(lengths[-1])])

    @cached_property
    def _offsets(self) -> NDArray[np.intp]:
        """Where each unit begins in `joined`."""
        return np.flatnonzero(_codes(self.joined)[:-1] == ord(" ")) + 1

    def unit_at(self, offsets: Sequence[int]) -> NDArray[np.intp]:
        """The number of the unit in which each offset in `joined` lies; the space before a unit counts
        as the unit before it.
        """
        return np.searchsorted(self._offsets, offsets, side="right") - 1

    def find(self, term: Sequence[str]) -> list[tuple[int, int]]:
        """Every occurrence of a term's units, as (start, end) in the text, overlapping ones too."""
        if not term:
            return []
        needle = f" {' '.join(term)} "
        haystack, found = self.joined, []
        at = haystack.find(needle)
        while at >= 0:
            found.append(at + 1)
            at = haystack.find(needle, at + 1)
        if not found:
            return []
        first = np.searchsorted(self._offsets, found)
        starts, ends = self.starts[first], self.ends[first + len(term) - 1]
        return list(zip(starts.tolist(), ends.tolist(), strict=True))


@lru_cache(maxsize=1024)
def _pattern(term: tuple[str, ...]) -> re.Pattern[str] | None:
    """A term of Han characters and breaks as a regular expression over spelled text; None for a term
    that holds a run of letters or digits, whose ends only the units tell.
    """
    if any(_CLASS[ord(unit[0])] == _WORD for unit in term):
        return None
    *first, last = term
    spelled = (f"{BREAK}[ {BREAK}]*" if unit == BREAK else f"{re.escape(unit)} *" for unit in first)
    return re.compile("".join([*spelled, re.escape(last)]))


def find_all(
    text: str, terms: Sequence[tuple[str, ...]], most: int | None = None
) -> list[list[tuple[int, int]]]:
    """For each term every occurrence in the text (the first `most`), as `Units.find` has them but many
    times as fast.
    """
    spelled = _text(_SPELLED.take(_codes(text)))
    units: Units | None = None
    found: list[list[tuple[int, int]]] = []
    for term in terms:
        pattern = _pattern(term)
        if term[0] not in spelled:
            found.append([])
        elif pattern is None:
            units = units or Units(text)
            found.append(units.find(term)[:most])
        else:
            spans: list[tuple[int, int]] = []
            match = pattern.search(spelled)
            while match and (most is None or len(spans) < most):
                spans.append(match.span())
                match = pattern.search(spelled, match.start() + 1)
            found.append(spans)
    return found


def units(text: str) -> list[str]:
    """The units of a text, folded."""
    return list(Units(text))


def term_units(text: str) -> list[str]:
    """The units of something typed: breaks at its ends are dropped. Empty: nothing to find."""
    found = units(text)
    start, end = 0, len(found)
    while start < end and found[start] == BREAK:
        start += 1
    while end > start and found[end - 1] == BREAK:
        end -= 1
    return found[start:end]


def pairs(term: Sequence[str]) -> list[str]:
    """The index terms of the pairs of some units."""
    return [f"{left}{PAIR_JOIN}{right}" for left, right in pairwise(term)]


def indexed(text: str | None) -> Units:
    """The units under which a text is indexed: those it has, or a break where it has none or is not there.

    Lucene reckons the weight of a word from the articles that have the field, tantivy from all of them:
    so all have it. No query finds that break, since none begins or ends with one.
    """
    found = Units(text or BREAK)
    return found if found.joined else Units(BREAK)


def has_units(text: str) -> bool:
    """Whether there is a unit in a text."""
    return any(_CLASS[ord(char)] != _CLEAR for char in text)


def ranges(kind: Kind) -> list[tuple[int, int]]:
    """The code points of a class: the first and the last of each unbroken range."""
    found = np.flatnonzero(np.diff(_KINDS[kind] == _CLASS, prepend=False, append=False))
    return [(first, end - 1) for first, end in found.reshape(-1, 2).tolist()]


def spellings() -> list[tuple[int, int]]:
    """Each code point that spelled text writes otherwise, and the one it writes: folded, BREAK for a break,
    a space for what is transparent.
    """
    changed = np.flatnonzero(np.arange(_CODES) != _SPELLED)
    return list(zip(changed.tolist(), _SPELLED[changed].tolist(), strict=True))


def script(text: str) -> str:
    """`Hant` where the Han characters are Traditional, `Hans` where not, "" where there are none.

    A text counts as Traditional when one in thirty of its Han characters folds to another; in
    Traditional news one in three does, in Simplified news hardly any.
    """
    codes = _codes(text)
    han = codes.compress(_CLASS.take(codes) == _HAN)
    if not len(han):
        return ""
    changed = int(np.count_nonzero(_FOLD.take(han) != han))
    return "Hant" if changed * 30 >= len(han) else "Hans"
