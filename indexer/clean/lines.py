"""The lines of a page, and the paragraphs that they make."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_ENDS = "。！？；：…”」』）)!?;:.》】"
_SAMPLE = 60
"""Lines of a block that are looked at to tell the width of its column."""
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Line:
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
    paragraphs: list[str] = []
    width = 0
    for place, line in enumerate(lines):
        text = line.text.strip("| \t\u3000")
        if not text:
            continue
        if paragraphs and width and continues(lines[place - 1], line, width):
            paragraphs[-1] += glue(paragraphs[-1], text)
        else:
            paragraphs.append(text)
            width = wrapped_width(lines, place)
    return "\n".join(paragraphs)


def wrapped_width(lines: list[Line], place: int) -> int:
    """The width of the column that the block starting here was cut to; 0 where it was not cut."""
    block = [lines[place].text]
    for line in lines[place + 1 : place + _SAMPLE]:
        if line.after_blank or line.indented:
            break
        block.append(line.text)
    full = block[:-1]
    width = max(map(columns, full), default=0)
    cut = any(line[-1] not in _ENDS for line in full)
    even = sum(reaches(line, width, first=place == 0) for place, line in enumerate(full))
    return width if 24 <= width <= 160 and len(full) >= 2 and cut and even >= 0.8 * len(full) else 0


def reaches(text: str, width: int, *, first: bool) -> bool:
    """Whether a line goes to the edge of a column. The first of a paragraph is indented."""
    return columns(text) >= width - (12 if first else 4)


def continues(before: Line, line: Line, width: int) -> bool:
    return (
        not line.after_blank and not line.indented and reaches(before.text, width, first=before.after_blank)
    )


def columns(text: str) -> int:
    """The width of a line in half-width columns."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def glue(before: str, after: str) -> str:
    """What follows a line that was cut: with a space only between two Latin words."""
    return f" {after}" if before[-1].isascii() and after[0].isascii() and before[-1].isalnum() else after
