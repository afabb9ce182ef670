"""Pages as they lie on disk: folders and files of .txt pages and .jsonl records.

Whatever cannot be a page comes out as a Reject with its reason; nothing is passed over in silence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any, Self

import orjson

LONGEST = {"id": 500, "url": 4000, "title": 1000, "pubtime": 100, "source": 200}
"""What a JSON line may say beside its text, and the characters beyond which it says no such thing."""

READERS = (".txt", ".jsonl")
"""The endings of the files that are pages."""

_COMMON = frozenset("的一是在有和了中国人民不年大为这上个以")
_DAMAGED = 0.01
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Page:
    """One page or record, decoded. `origin` is its path below the folder that was named, a JSON line's
    with `:line` behind; `record` holds the fields of a JSON line, none for a text page.
    """

    origin: str
    text: str
    record: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Reject:
    """Something that was read and not indexed."""

    file: str
    line: int | None
    reason: str

    @classmethod
    def at(cls, origin: str, reason: str) -> Self:
        """The Reject of what has this origin: a page's path, or a record's with `:line` behind."""
        file, _, line = origin.rpartition(":")
        return cls(file, int(line), reason) if file and line.isdecimal() else cls(origin, None, reason)


def read_pages(path: Path, origin: str, max_bytes: int) -> Iterator[Page | Reject]:
    """The pages of one file, which is called `origin`. Never raises for what is in it."""
    try:
        if not S_ISREG(path.stat().st_mode):  # a pipe or a device may never end
            yield Reject(origin, None, "not a regular file")
            return
        match path.suffix.lower():
            case ".txt":
                yield read_text(path, origin, max_bytes)
            case ".jsonl":
                yield from read_lines(path, origin, max_bytes)
            case other:
                yield Reject(origin, None, f"a {other or 'nameless'} file is neither .txt nor .jsonl")
    except OSError as error:
        yield Reject(origin, None, f"cannot be read: {error.strerror or error}")


def read_text(path: Path, origin: str, max_bytes: int) -> Page | Reject:
    size = path.stat().st_size
    if size > max_bytes:
        return Reject(origin, None, f"larger than {max_bytes} bytes ({size})")
    text = decode(path.read_bytes())
    return Page(origin, text) if isinstance(text, str) else Reject(origin, None, text.reason)


def read_lines(path: Path, origin: str, max_bytes: int) -> Iterator[Page | Reject]:
    with path.open("rb") as lines:
        number, found = 0, False
        while line := lines.readline(max_bytes + 1):
            number += 1
            if len(line) > max_bytes:
                while line and not line.endswith(b"\n"):
                    line = lines.readline(max_bytes)
                found = True
                yield Reject(origin, number, f"a line larger than {max_bytes} bytes")
            elif line.strip():
                found = True
                yield read_record(line, origin, number)
        if not found:
            yield Reject(origin, None, "empty")


def read_record(line: bytes, origin: str, number: int) -> Page | Reject:
    try:
        value: Any = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        return Reject(origin, number, f"not JSON: {error}")
    if not isinstance(value, dict):
        return Reject(origin, number, "not a JSON object")
    text = value.get("text")
    if not isinstance(text, str):
        return Reject(origin, number, 'no "text", or it is not a string')
    if not text.strip():
        return Reject(origin, number, '"text" is empty')
    record = {
        name: tidy(value[name])
        for name in LONGEST
        if isinstance(value.get(name), str | int) and not isinstance(value[name], bool)
    }
    if len(record.get("id", "")) > LONGEST["id"]:
        return Reject(origin, number, f'"id" is longer than {LONGEST["id"]} characters')
    if not addressable(record.get("id", "")):
        return Reject(origin, number, '"id" has a step . or .., or begins with /: no address can hold it')
    if len(record.get("title", "")) > LONGEST["title"]:  # no title, but its words are to be found
        text = f"{record['title']}\n{text}"
    return Page(
        f"{origin}:{number}",
        text,
        {name: said for name, said in record.items() if 0 < len(said) <= LONGEST[name]},
    )


def tidy(value: object) -> str:
    """A field of a record as text: NFC, without control characters and the space around it."""
    text = unicodedata.normalize("NFC", str(value))
    return _CONTROL.sub(" ", text).strip()


def addressable(id: str) -> bool:
    """Whether an id can stand in a path as it is."""
    return not id.startswith("/") and not {".", ".."} & set(id.split("/"))


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Why some bytes are no text."""

    reason: str


def decode(data: bytes) -> str | Undecodable:
    """The text of a page in UTF-8 or GB18030.

    A few broken characters, such as one cut off at the end, are kept as U+FFFD; GB18030 decodes
    nearly anything, so it is believed only where the commonest characters turn up.
    """
    if not data.strip():
        return Undecodable("empty")
    if b"\0" in data:
        return Undecodable("binary (it holds null bytes)")
    text = data.decode("utf-8-sig", "replace")
    if text.count("\ufffd") - data.count("\ufffd".encode()) <= tolerated(text):
        return text
    chinese = data.decode("gb18030", "replace")
    if chinese.count("\ufffd") > tolerated(chinese) or sum(map(chinese.count, _COMMON)) < 0.02 * len(chinese):
        return Undecodable("neither UTF-8 nor GB18030")
    return chinese


def tolerated(text: str) -> float:
    """How many broken characters a text may have."""
    return max(1, _DAMAGED * len(text))
