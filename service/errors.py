"""The one table from our errors to HTTP, and the shape in which they are told (RFC 9457)."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import orjson
from starlette.responses import Response

from mappings.errors import (
    EngineRefused,
    EngineUnavailable,
    ForeignIndex,
    IndexDamaged,
    IndexGone,
    InputError,
    NoIndex,
    NotFound,
    RequestError,
    SchemaMismatch,
    StoreError,
    ZoufangError,
)

STATUS: tuple[tuple[type[ZoufangError], HTTPStatus, str, int | None], ...] = (
    (RequestError, HTTPStatus.BAD_REQUEST, "bad-request", None),
    (NotFound, HTTPStatus.NOT_FOUND, "not-found", None),
    (NoIndex, HTTPStatus.SERVICE_UNAVAILABLE, "no-index", None),
    (SchemaMismatch, HTTPStatus.SERVICE_UNAVAILABLE, "schema-mismatch", None),
    (IndexDamaged, HTTPStatus.SERVICE_UNAVAILABLE, "index-damaged", None),
    (IndexGone, HTTPStatus.SERVICE_UNAVAILABLE, "index-gone", 1),
    (ForeignIndex, HTTPStatus.SERVICE_UNAVAILABLE, "foreign-index", None),
    (EngineRefused, HTTPStatus.SERVICE_UNAVAILABLE, "engine-refused", None),
    (EngineUnavailable, HTTPStatus.SERVICE_UNAVAILABLE, "engine-unavailable", 5),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE, "store", None),
    (InputError, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", None),
    (ZoufangError, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", None),
)
"""For each error its status, the last part of its problem type, and after how many seconds it is worth
asking again, where waiting helps; the first that fits counts."""


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
    """How an error of ours is told."""
    status, kind, after = next(row[1:] for row in STATUS if isinstance(error, row[0]))
    parameter = error.parameter if isinstance(error, RequestError) else None
    return Told(status, kind, str(error), parameter, after)


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
