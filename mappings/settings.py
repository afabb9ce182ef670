"""One frozen settings object, read once from ZOUFANG_* variables and passed in."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from mappings.errors import SettingsError

EMBEDDED = "embedded"
_UNSENDABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Settings(BaseSettings):
    """Every setting, its default and its meaning; docs/settings.md lists them (a test holds that)."""

    model_config = SettingsConfigDict(
        env_prefix="ZOUFANG_",
        frozen=True,
        extra="forbid",
        env_ignore_empty=True,
        hide_input_in_errors=True,  # secrets are among it
    )

    data: Annotated[Path, Field(description="Folder of the embedded index, and of rejects.")] = Path(
        "zoufang-data"
    )
    name: Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$", description="Name of the corpus's index.")] = (
        "zoufang"
    )
    engine: Annotated[
        str,
        Field(description="`embedded`, or the address of an Elasticsearch 9; several nodes with commas."),
    ] = EMBEDDED
    api_key: Annotated[SecretStr | None, Field(description="API key for Elasticsearch.")] = None
    user: Annotated[str | None, Field(description="User name for Elasticsearch.")] = None
    password: Annotated[SecretStr | None, Field(description="Password for Elasticsearch.")] = None
    ca_file: Annotated[
        Path | None, Field(description="Certificates of the authority that vouches for Elasticsearch.")
    ] = None
    shards: Annotated[int, Field(ge=1, le=1024, description="Shards of a new index, on Elasticsearch.")] = 1
    replicas: Annotated[
        int, Field(ge=0, le=10, description="Copies of each shard once it is published, on Elasticsearch.")
    ] = 0
    timeout: Annotated[
        float, Field(gt=0, le=3600, description="Seconds that a search waits for Elasticsearch.")
    ] = 10.0
    patience: Annotated[
        float,
        Field(ge=0, le=86_400, description="Seconds that a build waits for an Elasticsearch that is away."),
    ] = 300.0
    lock: Annotated[
        float,
        Field(gt=0, le=3600, description="Seconds after which the lock of a dead build may be taken over."),
    ] = 60.0
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port to listen on; 0 picks a free one.")] = 8000
    workers: Annotated[int, Field(ge=1, le=64, description="Processes that answer requests.")] = 1
    page_size: Annotated[int, Field(ge=1, le=200, description="Hits on a page unless asked otherwise.")] = 20
    max_page_size: Annotated[int, Field(ge=1, le=1000, description="Hits on a page at the most.")] = 200
    max_query: Annotated[int, Field(ge=1, description="Characters in a query at the most.")] = 2000
    max_clauses: Annotated[int, Field(ge=1, description="Terms in a query at the most.")] = 64
    max_hit: Annotated[
        int, Field(ge=1, le=1_000_000, description="Number of the last hit that paging reaches.")
    ] = 10_000
    max_file: Annotated[int, Field(ge=1, description="Bytes of one page or one JSON line at the most.")] = (
        20_000_000
    )
    memory: Annotated[
        int, Field(ge=30_000_000, le=8_000_000_000, description="Bytes the index writer may hold.")
    ] = 256_000_000

    @field_validator("engine")
    @classmethod
    def _known_engine(cls, engine: str) -> str:
        for address in [] if engine == EMBEDDED else engine.split(","):
            _check_address(address.strip())
        return engine

    @field_validator("api_key")
    @classmethod
    def _sendable_key(cls, given: SecretStr | None) -> SecretStr | None:
        """The key without the white space that a file leaves around it."""
        if given is None:
            return None
        key = given.get_secret_value().strip()
        if not key or not key.isascii() or not key.isprintable():
            raise ValueError("must be one line of ASCII characters")
        return SecretStr(key)

    @field_validator("user", "password")
    @classmethod
    def _sendable_name(cls, given: str | SecretStr | None) -> str | SecretStr | None:
        text = given.get_secret_value() if isinstance(given, SecretStr) else given or ""
        if _UNSENDABLE.search(text):
            raise ValueError("has a line break in it, or another character that cannot be sent")
        return given

    @field_validator("user")
    @classmethod
    def _user_without_colon(cls, user: str | None) -> str | None:
        if user is not None and ":" in user:
            raise ValueError("must not have a colon in it; the password has a setting of its own")
        return user

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password: give both or none")
        if self.user is not None and self.api_key is not None:
            raise ValueError("api_key and user: give one of them")
        return self

    @property
    def embedded(self) -> bool:
        """Whether the index is a folder on this machine."""
        return self.engine == EMBEDDED

    @property
    def nodes(self) -> tuple[str, ...]:
        """The addresses of Elasticsearch; none where the engine is embedded."""
        return () if self.embedded else tuple(node.strip().rstrip("/") for node in self.engine.split(","))


def _check_address(address: str) -> None:
    """Raises ValueError unless this is the address of a server. It may hold a password by mistake, so it
    is not repeated.
    """
    if "@" in address:
        raise ValueError("has a user in it; give ZOUFANG_USER and ZOUFANG_PASSWORD instead")
    if "?" in address or "#" in address:
        raise ValueError("has a ? or a # in it; give the address alone, such as https://localhost:9200")
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:  # the port is no number, or too large; or brackets do not close
        known = False
    if not known or not address.isprintable() or " " in address:
        raise ValueError(f"must be {EMBEDDED!r} or an address such as https://localhost:9200")


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
        problems = "; ".join(
            ": ".join([*map(str, item["loc"]), item["msg"].removeprefix("Value error, ")])
            for item in error.errors()
        )
        raise SettingsError(f"settings (ZOUFANG_* variables or options): {problems}") from error
