"""One frozen settings object, read once from ZOUFANG_* variables and passed in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from mappings.errors import SettingsError


class Settings(BaseSettings):
    """Every setting, its default and its meaning; docs/settings.md lists them (a test holds that)."""

    model_config = SettingsConfigDict(
        env_prefix="ZOUFANG_", frozen=True, extra="forbid", env_ignore_empty=True
    )

    data: Annotated[Path, Field(description="Folder that holds the published index.")] = Path("zoufang-data")
    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", description="Name of the corpus's index.")] = (
        "zoufang"
    )
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on; 0 picks a free one.")] = 8000
    workers: Annotated[int, Field(ge=1, le=64, description="Processes that answer requests.")] = 1
    page_size: Annotated[int, Field(ge=1, le=200, description="Hits on a page unless asked otherwise.")] = 20
    max_page_size: Annotated[int, Field(ge=1, le=1000, description="Hits on a page at the most.")] = 200
    max_query: Annotated[int, Field(ge=1, description="Characters in a query at the most.")] = 2000
    max_clauses: Annotated[int, Field(ge=1, description="Terms in a query at the most.")] = 64
    max_hit: Annotated[int, Field(ge=1, description="Number of the last hit that paging reaches.")] = 10_000
    max_file: Annotated[int, Field(ge=1, description="Bytes of one page or one JSON line at the most.")] = (
        20_000_000
    )
    memory: Annotated[
        int, Field(ge=30_000_000, le=8_000_000_000, description="Bytes the index writer may hold.")
    ] = 256_000_000


def given_path(text: str) -> Path:
    """A path from the command line. An empty one, as a variable that is not set leaves it, would mean
    the working directory: it is refused.
    """
    if not text.strip():
        raise SettingsError("a path is empty; give a file or a folder, or . for this one")
    return Path(text)


def load_settings(**given: object) -> Settings:
    """The settings from the environment, with the given ones on top (None counts as not given).

    Raises SettingsError naming the setting that does not make sense.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
        raise SettingsError(f"settings (ZOUFANG_* variables or options): {problems}") from error
