"""Pages as they lie on disk: folders and files of .txt pages and .jsonl records.

Whatever cannot be a page comes out as a Reject with its reason; nothing is passed over in silence.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from stat import S_ISREG
from typing import Any, Self

import orjson

from mappings.errors import InputError

RECORD_FIELDS = ("id", "url", "title", "pubtime", "source")
"""What a JSON line may say beside its text."""

_LONGEST_ID = 500
_READERS = (".txt", ".jsonl")
_COMMON = frozenset("的一是在有和了中国人民不年大为这上个以")
_DAMAGED = 0.01


@dataclass(frozen=True, slots=True)
class Page:
    """One page or record, decoded. `origin` is its path relative to the indexed root, a JSON line's
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


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files to read, in a fixed order; the root their origins are relative to; and how many
    files of other kinds lie beside them.
    """

    root: Path
    files: tuple[Path, ...]
    skipped: int

    @property
    def bytes(self) -> int:
        """The size of all the files together, for progress."""
        return sum(map(size_of, self.files))


def size_of(path: Path) -> int:
    """The size of a file; 0 where it cannot be told."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def find_inputs(paths: list[Path], outputs: tuple[Path, ...] = ()) -> Inputs:
    """The pages under some folders and files. Raises InputError where a path does not exist,
    cannot be listed, or nothing under the paths is a page.

    The root is the deepest folder that holds all the paths. `outputs`, the data folder and the
    rejects file, are left out where they lie below a folder; a file among them cannot be named.
    """
    files: list[Path] = []
    folders: list[str] = []
    skipped = 0
    ours = [Path(os.path.realpath(path)) for path in outputs]
    for path in map(resolved, paths):
        if path.is_dir():
            found, others = walk(path, ours)
            files += found
            skipped += others
            folders.append(str(path))
        elif path in ours:
            raise InputError(f"{path}: this run writes its rejects there; give --rejects another file")
        else:
            files.append(path)
            folders.append(str(path.parent))
    if not files:
        kinds = " or ".join(_READERS)
        raise InputError(f"{', '.join(map(str, paths))}: nothing to read here (no {kinds} file)")
    return Inputs(Path(os.path.commonpath(folders)), tuple(dict.fromkeys(files)), skipped)


def resolved(path: Path) -> Path:
    """The path without links. Raises InputError where nothing is there or it cannot be reached."""
    try:
        whole = path.resolve()
        whole.stat()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file or folder") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise InputError(f"{str(path)[:200]}: {getattr(error, 'strerror', None) or error}") from error
    return whole


def walk(folder: Path, leave: Collection[Path] = ()) -> tuple[list[Path], int]:
    """The pages below a folder in the order of their paths, and the number of other files.

    Hidden files and folders do not count, links to folders are not followed.
    """

    def refuse(error: OSError) -> None:
        raise InputError(f"{error.filename}: {error.strerror}") from error

    found: list[Path] = []
    others = 0
    for here, below, names in os.walk(folder, onerror=refuse):
        below[:] = sorted(
            name for name in below if not name.startswith(".") and Path(here, name) not in leave
        )
        visible = [
            path
            for name in sorted(names)
            if not name.startswith(".") and (path := Path(here, name)) not in leave
        ]
        pages = [path for path in visible if path.suffix.lower() in _READERS]
        found += pages
        others += len(visible) - len(pages)
    return found, others


def read_pages(path: Path, root: Path, max_bytes: int) -> Iterator[Page | Reject]:
    """The pages of one file. Never raises for what is in it."""
    origin = printable(path.relative_to(root).as_posix())
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


def printable(path: str) -> str:
    r"""A path as text: bytes in it that are not UTF-8 are written \xd0."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


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
        name: str(value[name]).strip()
        for name in RECORD_FIELDS
        if isinstance(value.get(name), str | int) and not isinstance(value[name], bool)
    }
    if len(record.get("id", "")) > _LONGEST_ID:
        return Reject(origin, number, f'"id" is longer than {_LONGEST_ID} characters')
    return Page(f"{origin}:{number}", text, {name: said for name, said in record.items() if said})


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
