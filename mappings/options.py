"""The command-line option that every command shares."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mappings.settings import given_path

Data = Annotated[
    Path | None,
    typer.Option(
        help="Folder of the index.  [default: zoufang-data]",
        envvar="ZOUFANG_DATA",
        parser=given_path,
        metavar="PATH",
    ),
]
