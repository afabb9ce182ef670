"""The lines of a page, and the paragraphs that they make."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_ENDS = "。！？；：…”」』）)!?;:.》】"
_SAMPLE = 60
"""Lines of a block that are looked at to tell the width of its column."""
_RAGGED = 4
"""Columns that a full line can lack, for a mark must not begin the next."""
_INDENT = 12
"""Columns that the first line of a paragraph can lack."""
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")


class Line(NamedTuple):
    """A line of a page without the space around it, and its place in the page. `indented` and
    `after_blank` show where paragraphs begin.
    """

    text: str
    start: int
    indented: bool
    after_blank: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def normalise(text: str) -> str:
    """NFC, one kind of line end, no byte order mark, no lone surrogates, no null bytes."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text).replace("\ufeff", "").replace("\0", "")
    return _LINE_ENDS.sub("\n", text)


def split(text: str) -> list[Line]:
    """The lines that are not blank."""
    lines: list[Line] = []
    start, blank = 0, True
    for raw in text.split("\n"):
        bare = raw.strip()
        if bare:
            offset = len(raw) - len(raw.lstrip())
            lines.append(Line(bare, start + offset, offset > 0, blank))
        blank = not bare
        start += len(raw) + 1
    return lines


def join(lines: list[Line]) -> str:
    """The paragraphs of a body, a line each. Lines that a narrow column cut are put together again,
    and table bars at their edges go.
    """
    widths = [columns(line.text) for line in lines]
    paragraphs: list[list[str]] = []
    width = 0
    before: int | None = None
    for place, line in enumerate(lines):
        opens = not place or line.after_blank or line.indented
        if opens:
            width = wrapped_width(lines, widths, place)
        text = line.text.strip("| \t\u3000")
        if not text:
            continue
        if before is not None and width and not opens and is_full(lines, widths, place - 1, width):
            paragraphs[-1].append(glue(paragraphs[-1][-1], text))
        else:
            paragraphs.append([text])
        before = place
    return "\n".join(map("".join, paragraphs))


def wrapped_width(lines: list[Line], widths: list[int], place: int) -> int:
    """The width of the column that the block starting here was cut to; 0 where it was not cut."""
    stop = place + 1
    while stop < min(place + _SAMPLE, len(lines)) and not (lines[stop].after_blank or lines[stop].indented):
        stop += 1
    if stop - place < 3:
        return 0
    full = range(place, stop - 1)
    width = max(widths[place : stop - 1])
    cut = any(lines[at].text[-1] not in _ENDS for at in full)
    even = sum(widths[at] >= width - (_INDENT if at == place else _RAGGED) for at in full)
    return width if 24 <= width <= 160 and cut and even >= 0.8 * len(full) else 0


def is_full(lines: list[Line], widths: list[int], place: int, width: int) -> bool:
    """Whether a line goes to the edge of a column. The first of a paragraph is indented."""
    return widths[place] >= width - (_INDENT if lines[place].after_blank else _RAGGED)


def columns(text: str) -> int:
    """The width of a line in half-width columns: in GB 18030 a Han character and its punctuation
    take two bytes and ASCII one, as they take columns.
    """
    return len(text.encode("gb18030", "replace"))


def glue(before: str, after: str) -> str:
    """What follows a line that was cut: with a space only between two Latin words."""
    return f" {after}" if before[-1].isascii() and after[0].isascii() and before[-1].isalnum() else after
