"""How an embedded index becomes the published one, and the lock that keeps two builds apart."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from mappings.embedded import CURRENT, named_index
from mappings.errors import BuildError, BuildLocked, StoreError
from mappings.names import IndexName

LOCK = "lock"
OWNER = "lock.owner"


class BuildLock:
    """Keeps two builds apart. The operating system holds it for the process, so it ends with it."""

    def __init__(self, data: Path) -> None:
        self._lock = FileLock(data / LOCK)
        self._owner = data / OWNER

    def __enter__(self) -> Self:
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
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
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
        return named_index(data)[1]
    except StoreError:
        return None
