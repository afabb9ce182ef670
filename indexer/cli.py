"""The command line: `index` and `reindex`, and the `zoufang` command that holds all the others.

The commands are gathered from entry points, so that neither package imports the other.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points, version
from io import TextIOWrapper
from pathlib import Path
from time import monotonic
from typing import Annotated, NoReturn

import typer
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

from indexer.inputs import find_inputs
from indexer.pipeline import Account, Rejects, Tick, read_articles, write_articles
from indexer.rebuild import held_articles
from indexer.writers.embedded import EmbeddedWriter
from mappings.embedded import current_index
from mappings.errors import (
    BuildError,
    BuildLocked,
    InputError,
    NotFound,
    RequestError,
    SettingsError,
    StoreError,
    ZoufangError,
)
from mappings.options import Data
from mappings.record import IndexRecord
from mappings.settings import Settings, given_path, load_settings

COMMANDS = "zoufang.commands"
"""The entry point group in which each package names its Typer app."""

EXIT_CODES: tuple[tuple[type[ZoufangError], int], ...] = (
    (BuildLocked, 3),
    (InputError, 2),
    (SettingsError, 2),
    (RequestError, 2),
    (NotFound, 2),
    (StoreError, 4),
    (BuildError, 1),
    (ZoufangError, 1),
)
INTERRUPTED = 130

app = typer.Typer()
RejectsFile = Annotated[
    Path | None,
    typer.Option(
        help="Where to list what was not indexed, and why.  [default: DATA/rejects.jsonl]",
        parser=given_path,
        metavar="PATH",
    ),
]


@app.command(epilog="Example:  zoufang index crawl/2012 more.jsonl --data my-corpus")
def index(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Folders and files of .txt pages and .jsonl records.", parser=given_path, metavar="PATHS..."
        ),
    ],
    data: Data = None,
    rejects: RejectsFile = None,
) -> None:
    """Clean, label and index pages, and publish the index in one step.

    A JSON line may hold url, title, text, pubtime, source and id; only text is needed. The published
    index is replaced as a whole, and only when the new one is complete.
    """
    settings = load_settings(data=data)
    refused = rejects_of(settings, rejects)
    inputs = find_inputs(paths, (settings.data, refused.path))
    with EmbeddedWriter(settings) as writer, refused as out, progress() as tick:
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
        read = read_articles(inputs, settings.max_file, tomorrow, tick)
        account = write_articles(read, writer, out, tick, settings.data)
        account.skipped = inputs.skipped
        report(account, out)
        record = writer.publish()
    announce(record)


@app.command(epilog="Example:  zoufang reindex --data my-corpus")
def reindex(data: Data = None, rejects: RejectsFile = None) -> None:
    """Build the index again from the articles it holds, without the raw pages.

    Searches go on in the old index until the new one takes its place.
    """
    settings = load_settings(data=data)
    current_index(settings.data)  # where there is none, nothing is made
    with EmbeddedWriter(settings) as writer, rejects_of(settings, rejects) as out, progress() as tick:
        held = held_articles(settings.data, tick)
        account = write_articles(held, writer, out, tick, settings.data)
        report(account, out)
        record = writer.publish()
    announce(record)


def rejects_of(settings: Settings, given: Path | None) -> Rejects:
    return Rejects(given or settings.data / "rejects.jsonl")


def report(account: Account, rejects: Rejects) -> None:
    """The closing account, on standard output."""
    print(account)
    if account.rejected:
        print(f"rejected, with reasons: {rejects.path}")


def announce(record: IndexRecord) -> None:
    print(f"published {record.name}: {record.articles:,} articles, snapshot {record.snapshot[:12]}")


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


def main(arguments: list[str] | None = None) -> NoReturn:
    """The `zoufang` command. Errors of ours end it with one line and a code, never a traceback."""
    command = typer.Typer(
        help="Full-text search for corpora of Chinese local news.",
        epilog="Example:  zoufang index FOLDER && zoufang serve",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @command.callback(invoke_without_command=True)
    def options(
        show: Annotated[bool, typer.Option("--version", help="Show the version.", is_eager=True)] = False,
    ) -> None:
        if show:
            print(f"zoufang {version('zoufang')}")
            raise typer.Exit

    for commands in sorted(entry_points(group=COMMANDS), key=lambda point: point.name):
        command.add_typer(commands.load())
    signal.signal(signal.SIGTERM, interrupt)
    any_text()
    try:
        command(args=arguments, prog_name="zoufang", standalone_mode=True)
    except ZoufangError as error:
        print(f"zoufang: {error}", file=sys.stderr)
        raise SystemExit(next(code for kind, code in EXIT_CODES if isinstance(error, kind))) from None
    except OSError as error:
        print(f"zoufang: {error}", file=sys.stderr)
        raise SystemExit(1) from None
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print("zoufang: interrupted", file=sys.stderr)
        raise
    raise SystemExit(0)


def any_text() -> None:
    """Let no text break the standard streams: what they cannot show is escaped, what cannot be read
    comes as U+FFFD.
    """
    for stream, errors in ((sys.stdin, "replace"), (sys.stdout, "backslashreplace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=errors)


def interrupt(_signal: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt
