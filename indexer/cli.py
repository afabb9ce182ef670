"""The command line of the indexer, and the `zoufang` command that holds all the others.

The commands are gathered from entry points, so that neither package imports the other.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points, version
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from indexer.extract import relabel
from indexer.inputs import find_inputs
from indexer.pipeline import Account, Rejects, Tick, read_articles, write_articles
from indexer.progress import progress
from indexer.rules import overdue
from indexer.stores import open_store
from indexer.stores.base import Store
from indexer.update import remove_articles, update_articles
from mappings.article import Article
from mappings.errors import (
    BuildError,
    BuildLocked,
    IndexDamaged,
    InputError,
    NotFound,
    NothingToPublish,
    RequestError,
    SettingsError,
    StoreError,
    ZoufangError,
)
from mappings.names import SCHEMA_VERSION
from mappings.options import Data
from mappings.record import IndexRecord, check_schema
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
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


@app.command(epilog="Example:  zoufang index crawl/2012 more.jsonl --data my-corpus")
def index(
    paths: Annotated[
        list[Path],
        typer.Argument(
            help="Folders and files of .txt pages and .jsonl records.", parser=given_path, metavar="PATHS..."
        ),
    ],
    update: Annotated[
        bool,
        typer.Option("--update", help="Add to what is published, and replace the articles that changed."),
    ] = False,
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
    with building(settings) as store, refused as out, progress() as tick:
        update = update and store.published_name() is not None
        if update:
            store.usable()
        else:
            warn_of_damage(store)
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).date()
        read = read_articles(inputs, settings.max_file, tomorrow, tick)
        with store.writer(copy=update) as writer:
            if update:
                account = update_articles(read, store, writer, out, tick, settings.data)
            else:
                account = write_articles(read, writer, out, tick, settings.data)
            account.skipped = inputs.skipped
            report(account, out)
            record = writer.publish() if account.indexed or not update else None
        announce(store, record)


@app.command(epilog="Example:  zoufang reindex --if-needed --data my-corpus")
def reindex(
    if_needed: Annotated[
        bool, typer.Option("--if-needed", help="Only where the index was made by other rules than today's.")
    ] = False,
    data: Data = None,
    rejects: RejectsFile = None,
) -> None:
    """Build the index again from the articles it holds, without the raw pages.

    Searches go on in the old index until the new one takes its place.
    """
    settings = load_settings(data=data)
    with closing(open_store(settings)) as store:  # where there is no index, nothing is made
        record = store.published()
    if record.schema > SCHEMA_VERSION:
        check_schema(record.name, record.schema)
    reason = overdue(record)
    if if_needed and reason is None:
        print(f"{record.name} is as today's rules would make it; nothing to do")
        return
    if if_needed:
        print(f"{record.name} is built again: {reason}")
    with building(settings) as store, rejects_of(settings, rejects) as out, progress() as tick:
        with store.writer() as writer:
            account = write_articles(held_articles(store, tick), writer, out, tick, settings.data)
            report(account, out)
            published = writer.publish()
        announce(store, published)


def held_articles(store: Store, tick: Tick) -> Iterator[Article]:
    """The articles of the published index, labelled anew where a label rests on data files."""
    total = store.published().articles
    for number, article in enumerate(store.articles(), 1):
        yield relabel(article)
        tick("reading", number, number, total)


@app.command(epilog="Example:  zoufang remove aa43136255f7d4652088 --yes")
def remove(
    ids: Annotated[list[str], typer.Argument(help="Ids of articles.", metavar="ID...")],
    undo: Annotated[bool, typer.Option("--undo", help="Let builds take in the ids again.")] = False,
    yes: Yes = False,
    data: Data = None,
) -> None:
    """Take articles out of what is published, and out of every index that is built from now on.

    The index before this one still holds them, for `rollback`; `prune --all` removes it.
    """
    settings = load_settings(data=data)
    with closing(open_store(settings)) as store:
        removed, held = store.usable().removed, store.get(ids)
    if missing := [id for id in ids if id not in (removed if undo else held)]:
        raise NotFound(not_removed(missing, removed, undo))
    if not undo:
        for id, article in held.items():
            print(f"{id}  {article.title or article.body[:40]!r}")
        confirm(f"Remove {len(held):,} articles?", yes)
    with building(settings) as store, store.writer(copy=True) as writer:
        if undo:
            writer.removed = tuple(id for id in writer.removed if id not in ids)
        else:
            remove_articles(ids, store, writer)
        writer.complete()
        for refusal in writer.refused():
            raise BuildError(f"the engine would not do it: {refusal.reason}; nothing was removed")
        if not writer.count:
            raise NothingToPublish(
                "no article would be left, and an index is never empty; nothing was removed"
            )
        announce(store, writer.publish())


def not_removed(ids: list[str], removed: tuple[str, ...], undo: bool) -> str:
    """Why some ids cannot be removed, or let in again."""
    named = ", ".join(map(repr, ids))
    if undo:
        return f"{named} was not removed; nothing was changed"
    if set(ids) <= set(removed):
        return f"{named} was removed before; nothing was changed"
    return f"no article has the id {named}; nothing was removed"


@app.command(epilog="Example:  zoufang rollback --yes")
def rollback(
    name: Annotated[
        str | None, typer.Argument(help="An index that is still there.  [default: the one before]")
    ] = None,
    yes: Yes = False,
    data: Data = None,
) -> None:
    """Publish the index again that was published before: its articles, and what it knows of removed ones."""
    settings = load_settings(data=data)
    with closing(open_store(settings)) as store:
        current, wanted = store.published(), store.to_roll_back_to(name)
    back = len(set(current.removed) - set(wanted.removed))
    told = f", {back:,} removed articles among them" if back else ""
    print(f"now   {describe(current)}\nthen  {describe(wanted)}{told}")
    confirm("Publish that one?", yes)
    with building(settings) as store:
        store.publish(store.to_roll_back_to(wanted.name).name)
    print(f"published {wanted.name}")


@app.command(epilog="Example:  zoufang prune --all")
def prune(
    everything: Annotated[
        bool, typer.Option("--all", help="Also the index before, after which there is no rollback.")
    ] = False,
    yes: Yes = False,
    data: Data = None,
) -> None:
    """Remove the indexes that are not needed any more, and what crashed builds left."""
    settings = load_settings(data=data)
    with closing(open_store(settings)) as store:
        store.published()
        surplus = store.surplus(keep_previous=not everything)
    for record in surplus:
        print(describe(record))
    confirm(f"Remove {len(surplus):,} indexes?", yes or not surplus)
    names = {record.name for record in surplus}
    with building(settings) as store:
        gone = [record.name for record in store.surplus(keep_previous=not everything) if record.name in names]
        for name in gone:
            store.remove(name)
    print(f"removed {len(gone):,} indexes")


def describe(record: IndexRecord) -> str:
    return f"{record.name}: {record.articles:,} articles, snapshot {record.snapshot[:12]}"


def confirm(question: str, yes: bool) -> None:
    """Ask before something is lost. Raises InputError where the answer is no, or nobody is there."""
    if not yes and not (sys.stdin.isatty() and typer.confirm(question)):
        raise InputError(f"{question} Not confirmed, so nothing was changed; --yes answers beforehand")


def warn_of_damage(store: Store) -> None:
    """Say what is lost where the published index cannot be read and another is to take its place."""
    try:
        store.published_name()
    except IndexDamaged as error:
        print(f"zoufang: {error}; which articles had been removed is not known any more", file=sys.stderr)


@contextmanager
def building(settings: Settings) -> Iterator[Store]:
    """The store of the settings' engine, locked."""
    with closing(open_store(settings)) as store, store.lock():
        yield store


def rejects_of(settings: Settings, given: Path | None) -> Rejects:
    return Rejects(given or settings.data / "rejects.jsonl")


def report(account: Account, rejects: Rejects) -> None:
    """The closing account, on standard output."""
    print(account)
    if account.rejected:
        print(f"rejected, with reasons: {rejects.path}")


def announce(store: Store, record: IndexRecord | None) -> None:
    """Say what is published now, and remove what nothing needs any more."""
    if record is None:
        print(f"nothing to change; {store.published().name} stays published")
        return
    print(f"published {describe(record)}")
    try:
        for index in store.surplus():
            store.remove(index.name)
    except ZoufangError as error:
        print(f"zoufang: an older index was not removed; the next build does it: {error}", file=sys.stderr)


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
