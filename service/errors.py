"""The one table from our errors to HTTP, and the shape in which they are told (RFC 9457)."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from starlette.responses import Response

from mappings.errors import (
    IndexDamaged,
    InputError,
    NoIndex,
    NotFound,
    RequestError,
    SchemaMismatch,
    StoreError,
    ZoufangError,
)

STATUS: tuple[tuple[type[ZoufangError], HTTPStatus, str], ...] = (
    (RequestError, HTTPStatus.BAD_REQUEST, "bad-request"),
    (NotFound, HTTPStatus.NOT_FOUND, "not-found"),
    (NoIndex, HTTPStatus.SERVICE_UNAVAILABLE, "no-index"),
    (SchemaMismatch, HTTPStatus.SERVICE_UNAVAILABLE, "schema-mismatch"),
    (IndexDamaged, HTTPStatus.SERVICE_UNAVAILABLE, "index-damaged"),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE, "store"),
    (InputError, HTTPStatus.INTERNAL_SERVER_ERROR, "internal"),
    (ZoufangError, HTTPStatus.INTERNAL_SERVER_ERROR, "internal"),
)
"""For each error its status and the last part of its problem type; the first that fits counts."""


class Problem(Response):
    """An error as `application/problem+json`."""

    media_type = "application/problem+json"


def status_of(error: ZoufangError) -> tuple[HTTPStatus, str]:
    """The status and the problem type of an error."""
    return next((status, kind) for known, status, kind in STATUS if isinstance(error, known))


def problem(status: HTTPStatus, kind: str, detail: str, parameter: str | None = None) -> Problem:
    """A problem response. `type` is a stable address of the kind of error, `parameter` what is wrong."""
    body = {"type": f"/problems/{kind}", "title": status.phrase, "status": int(status), "detail": detail}
    if parameter is not None:
        body["parameter"] = parameter
    return Problem(orjson.dumps(body), status_code=int(status))
