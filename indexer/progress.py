"""How far a run has come, for whoever waits for it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from indexer.pipeline import Tick


class Rate(ProgressColumn):
    """Articles done and articles a second."""

    def render(self, task: Task) -> Text:
        read = task.fields["read"]
        return Text(f"{read:,} articles  {read / max(task.elapsed or 0, 0.001):,.0f}/s")


@contextmanager
def progress() -> Iterator[Tick]:
    """A progress bar on a terminal; elsewhere a line every ten seconds."""
    console = Console(stderr=True)
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        Rate(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
        refresh_per_second=5,
    )
    task = bar.add_task("", total=None, read=0)
    doing, began, last = "", monotonic(), monotonic()

    def tick(what: str, number: int, done: int, total: int) -> None:
        nonlocal doing, began, last
        now = monotonic()
        if what != doing:
            doing, began = what, now
            bar.reset(task, description=what, total=total or None, read=number)
        if console.is_terminal and now - last > 0.1:
            last = now
            bar.update(task, completed=done, read=number)
        elif now - last > 10:
            last = now
            print(f"{what}: {number:,} articles, {number / max(now - began, 0.001):,.0f}/s", file=sys.stderr)

    with bar:
        yield tick
