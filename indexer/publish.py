"""How an embedded index becomes the published one, and what is cleared away around it."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

from mappings.embedded import BUILDING, CURRENT, RECORD
from mappings.errors import BuildError, BuildLocked
from mappings.names import IndexName, parse_name

LOCK = "lock"
OWNER = "lock.owner"


class BuildLock:
    """Keeps two builds apart. The operating system holds it for the process, so it ends with it."""

    def __init__(self, data: Path) -> None:
        self._lock = FileLock(data / LOCK)
        self._owner = data / OWNER

    def acquire(self) -> None:
        """Raises BuildLocked, naming the other process."""
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            raise BuildLocked(
                f"another build is at work in {self._owner.parent} (process {self._who()}); "
                "wait for it or stop it, then run this again"
            ) from None
        except OSError as error:
            raise BuildError(f"cannot lock {self._owner.parent}: {error.strerror or error}") from error
        with suppress(OSError):  # the owner is told for convenience; the lock holds without it
            self._owner.write_text(str(os.getpid()), "utf-8")

    def release(self) -> None:
        with suppress(OSError):
            self._owner.unlink()
        self._lock.release()

    def _who(self) -> str:
        try:
            return self._owner.read_text("utf-8", "replace").strip() or "unknown"
        except OSError:
            return "unknown"


def sync(path: Path) -> None:
    """Have a file on disk before what follows."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_folder(path: Path) -> None:
    """Have a folder's entries on disk, where the system can: not all open folders or sync them."""
    with suppress(OSError):
        sync(path)


def switch(data: Path, name: IndexName) -> None:
    """Make a complete index the published one, in one step."""
    pointer = data / f"{CURRENT}.new"
    pointer.write_text(f"{name}\n", "utf-8")
    sync(pointer)
    os.replace(pointer, data / CURRENT)
    sync_folder(data)


def published_name(data: Path) -> IndexName | None:
    """The name in `current`; None where there is none or it is unreadable."""
    try:
        return parse_name((data / CURRENT).read_text("utf-8").strip())
    except (OSError, UnicodeDecodeError):
        return None


def complete_indexes(data: Path, name: str) -> list[IndexName]:
    """The complete indexes of a corpus, oldest first."""
    parsed = (parse_name(path.parent.name) for path in data.glob(f"*/{RECORD}"))
    return sorted(index for index in parsed if index is not None and index.name == name)


def clear(data: Path, name: str, previous: IndexName | None = None) -> None:
    """Remove what crashed builds left and all but the published index and the one before it:
    `previous`, or else the newest that is older (a newer one was never published).

    Only names that parse as ours are removed. Call it with the lock held.
    """
    gone = [
        path
        for path in data.glob(f"*{BUILDING}")
        if (parsed := parse_name(path.name.removesuffix(BUILDING))) and parsed.name == name
    ]
    complete, published = complete_indexes(data, name), published_name(data)
    if published is not None and published in complete:  # else the only whole one may be among the others
        others = [index for index in complete if index != published]
        older = (index for index in others if index.created < published.created)
        kept = previous if previous in others else max(older, key=lambda index: index.created, default=None)
        gone += [data / str(index) for index in others if index != kept]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
