"""Which files a run reads, and what they are called."""

from __future__ import annotations

import os
from collections.abc import Collection, Container
from dataclasses import dataclass
from pathlib import Path

from indexer.source import READERS
from mappings.errors import InputError


@dataclass(frozen=True, slots=True)
class Inputs:
    """The files to read with their origins, in a fixed order, and how many files of other kinds lie
    beside them.
    """

    files: tuple[tuple[str, Path], ...]
    skipped: int

    @property
    def bytes(self) -> int:
        """The size of all the files together, for progress."""
        return sum(size_of(path) for _, path in self.files)


def size_of(path: Path) -> int:
    """The size of a file; 0 where it cannot be told."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def find_inputs(paths: list[Path], outputs: tuple[Path, ...] = ()) -> Inputs:
    """The pages under some folders and files. Raises InputError where a path does not exist,
    cannot be listed, or nothing under the paths is a page.

    `outputs`, the data folder and the rejects file, are left out where they lie below a folder; a
    file among them cannot be named.
    """
    files: dict[str, Path] = {}
    seen: set[Path] = set()
    skipped = 0
    ours = [Path(os.path.realpath(path)) for path in outputs]
    for path in map(resolved, paths):
        if path in ours and not path.is_dir():
            raise InputError(f"{path}: this run writes its rejects there; give --rejects another file")
        root = path if path.is_dir() else path.parent
        found, others = walk(path, ours) if path.is_dir() else ([path], 0)
        skipped += others
        for file in found:
            if file not in seen:
                seen.add(file)
                files[origin(file, root, files)] = file
    if not files:
        kinds = " or ".join(READERS)
        raise InputError(f"{', '.join(map(str, paths))}: nothing to read here (no {kinds} file)")
    return Inputs(tuple(files.items()), skipped)


def origin(file: Path, root: Path, taken: Container[str]) -> str:
    """What a file is called: its path below the folder that was named, so that its name does not
    hang on what else is read; where an earlier file has that name, with as many folders above as
    tell the two apart.
    """
    parts = file.relative_to(root).parts
    above = root.parts
    for depth in range(len(above) + 1):
        name = printable("/".join((*above[len(above) - depth :], *parts)))
        if name not in taken:
            return name
    raise InputError(f"{file}: cannot be told from another file of this run")


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
        pages = [path for path in visible if path.suffix.lower() in READERS]
        found += pages
        others += len(visible) - len(pages)
    return found, others


def printable(path: str) -> str:
    r"""A path as text: bytes in it that are not UTF-8 are written \xd0."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
