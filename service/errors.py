"""The one table from our errors to HTTP, and the shape in which they are told (RFC 9457)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from http import HTTPStatus
from typing import NamedTuple

import orjson
from starlette.responses import Response

from mappings.errors import (
    EngineRefused,
    EngineUnavailable,
    ForeignIndex,
    IndexDamaged,
    IndexGone,
    NoIndex,
    NotFound,
    RequestError,
    SchemaMismatch,
    StoreError,
    ZoufangError,
)

log = logging.getLogger("zoufang")


class Row(NamedTuple):
    """How a kind of error is told: its status, the last part of its problem type, after how many seconds
    it is worth asking again, where waiting helps, and the sentence that visitors read in place of the
    error's own, which the log has: that one is for those who run the service.
    """

    error: type[ZoufangError]
    status: HTTPStatus
    kind: str
    after: int | None = None
    said: str | None = None


_AWAY = HTTPStatus.SERVICE_UNAVAILABLE
UNFORESEEN = "an error that was not foreseen; the log has it"

ROWS: tuple[Row, ...] = (
    Row(RequestError, HTTPStatus.BAD_REQUEST, "bad-request"),
    Row(NotFound, HTTPStatus.NOT_FOUND, "not-found"),
    Row(NoIndex, _AWAY, "no-index", None, "nothing has been published yet; run: zoufang index FOLDER"),
    Row(SchemaMismatch, _AWAY, "schema-mismatch"),
    Row(IndexDamaged, _AWAY, "index-damaged"),
    Row(IndexGone, _AWAY, "index-gone", 1, "another index was published just now; try again in a moment"),
    Row(ForeignIndex, _AWAY, "foreign-index", None, "what is published is not of zoufang; the log has more"),
    Row(EngineRefused, _AWAY, "engine-refused", None, "the search engine cannot be used; the log says why"),
    Row(
        EngineUnavailable, _AWAY, "engine-unavailable", 5,
        "the search engine does not answer; try again in a moment",
    ),
    Row(StoreError, _AWAY, "store", None, "the search engine cannot answer this; the log says why"),
    Row(ZoufangError, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", None, UNFORESEEN),
)  # fmt: skip
"""The first row that fits counts."""


@dataclass(frozen=True, slots=True)
class Told:
    """An error as it is told: `parameter` is what is wrong, `retry_after` the seconds to wait."""

    status: HTTPStatus
    kind: str
    detail: str
    parameter: str | None = None
    retry_after: int | None = None


class Problem(Response):
    """An error as `application/problem+json`."""

    media_type = "application/problem+json"


def told(error: ZoufangError) -> Told:
    """How an error of ours is told. What visitors do not read is logged, on one line."""
    row = next(row for row in ROWS if isinstance(error, row.error))
    if row.said is not None:
        log.warning("%s: %s", row.kind, " ".join(str(error).split()))
    parameter = error.parameter if isinstance(error, RequestError) else None
    return Told(row.status, row.kind, row.said or str(error), parameter, row.after)


def problem(what: Told) -> Problem:
    """A problem response. `type` is a stable address of the kind of error."""
    body = {
        "type": f"/problems/{what.kind}",
        "title": what.status.phrase,
        "status": int(what.status),
        "detail": what.detail,
    }
    if what.parameter is not None:
        body["parameter"] = what.parameter
    return Problem(orjson.dumps(body), status_code=int(what.status))
