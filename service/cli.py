"""The commands that read: serve, search, status, analyze."""

from __future__ import annotations

import asyncio
import re
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.text import Text

from mappings.options import Data
from mappings.record import IndexRecord
from mappings.settings import Settings, load_settings
from mappings.text import BREAK, PAIR_JOIN, Units, fold
from mappings.text import pairs as pairs_of
from service.answers import Hit, answer, ask
from service.library import open_library
from service.readers.base import Library
from service.request import read_request
from service.serve import run

app = typer.Typer()
Result = TypeVar("Result")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@app.command(epilog="Example:  zoufang serve --port 8080")
def serve(
    data: Data = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.  [default: 127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 picks a free one.  [default: 8000]")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer.  [default: 1]")] = None,
) -> None:
    """Serve the search page and the API until interrupted."""
    with suppress(KeyboardInterrupt):  # asked to stop, and stopped in good order
        run(load_settings(data=data, host=host, port=port, workers=workers))


def from_library(settings: Settings, asking: Callable[[Library], Awaitable[Result]]) -> Result:
    """What a library answers; it is opened for this and closed again."""

    async def opened() -> Result:
        library = open_library(settings)
        try:
            return await asking(library)
        finally:
            await library.close()

    return asyncio.run(opened())


@app.command(epilog='Example:  zoufang search "大走訪" --region 520000 --size 5')
def search(
    query: Annotated[
        str,
        typer.Argument(help='Terms, "exact text", -excluded (put -- before a query that begins with -).'),
    ] = "",
    region: Annotated[list[str] | None, typer.Option(help="GB/T 2260 code, or unknown.")] = None,
    year: Annotated[list[str] | None, typer.Option(help="Year, or unknown.")] = None,
    campaign: Annotated[list[str] | None, typer.Option(help="Id of a campaign, or unknown.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Publisher, or unknown.")] = None,
    year_from: Annotated[int | None, typer.Option(help="First year.")] = None,
    year_to: Annotated[int | None, typer.Option(help="Last year.")] = None,
    sort: Annotated[str | None, typer.Option(help="relevance, -date or date.")] = None,
    page: Annotated[int, typer.Option(help="Page of hits.")] = 1,
    size: Annotated[int, typer.Option(help="Hits on a page.")] = 10,
    data: Data = None,
) -> None:
    """Show the articles that contain what was typed."""
    settings = load_settings(data=data)
    asked = read_request(
        settings, query, region=region, year=year, campaign=campaign, source=source,
        year_from=year_from, year_to=year_to, sort=sort, page=page, size=size,
    )  # fmt: skip
    found = answer(asked, from_library(settings, lambda library: ask(library, asked)))
    console = Console(highlight=False, soft_wrap=True)
    for note in found.query.notes:
        console.print(Text(plain(f"{note.text}: {note.message}")))
    for term in found.query.terms:
        console.print(
            Text(f"{'-' if term.excluded else ''}{term.text} ({'/'.join(term.forms)}): {term.articles:,}")
        )
    console.print(Text(f"{found.total:,} articles\n"))
    for hit in found.hits:
        show(console, hit)


def plain(text: str) -> str:
    """A text without the control characters that a terminal would obey."""
    return _CONTROL.sub("\ufffd", text)


def show(console: Console, hit: Hit) -> None:
    places = " ".join(region.name for region in hit.region)
    console.print(Text(plain(hit.title or "(无题)"), style="bold"))
    console.print(Text(plain("  ".join(filter(None, [hit.date, places, hit.source, hit.id]))), style="dim"))
    for snippet in hit.snippets:
        if snippet.field == "body":
            text = Text(plain(snippet.text))
            for start, end in snippet.marks:
                text.stylize("bold red", start, end)
            console.print(text)
    console.print()


@app.command(epilog="Example:  zoufang status --data my-corpus")
def status(data: Data = None) -> None:
    """Say what is published."""
    settings = load_settings(data=data)

    async def published(library: Library) -> IndexRecord:
        return (await library.reader()).record

    record = from_library(settings, published)
    print(f"index     {record.name}  (schema {record.schema}, zoufang {record.software})")
    print(f"built     {record.created}")
    print(f"articles  {record.articles:,}")
    print(f"snapshot  {record.snapshot}")


@app.command(epilog="Example:  zoufang analyze '“三訪三評”深化“大走訪”'")
def analyze(
    text: Annotated[str, typer.Argument(help="Some text; - reads it from standard input.")],
) -> None:
    """Show how a text is read: folded, as units, as pairs."""
    if text == "-":
        text = sys.stdin.read()
    units = list(Units(text))
    print("fold  ", plain(fold(text)))
    print("units ", " | ".join(units))
    print("pairs ", " | ".join(pair.replace(PAIR_JOIN, "·") for pair in pairs_of(units)))
    if BREAK in units:
        print(f"({BREAK} stands for any break: nothing matches across one unless it is in the query)")
