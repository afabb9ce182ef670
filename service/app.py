"""The application: settings in, an ASGI app out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mappings.errors import ZoufangError
from mappings.settings import Settings
from service.errors import UNFORESEEN, Told, problem, told
from service.library import open_library
from service.readers.base import Library
from service.routes import api, health, page

SECURITY = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Front:
    """Puts the same headers on every answer, and answers HEAD as GET (the server leaves the body out)."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(SECURITY)
            await send(message)

        if scope.get("method") == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, adding)


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Closes the library when the service stops."""
    yield
    library: Library = app.state.library
    await library.close()


def create_app(settings: Settings, library: Library | None = None) -> FastAPI:
    """The service over the index that `settings` point to, or over another library of readers."""
    app = FastAPI(
        title="Zoufang",
        version=version("zoufang"),
        summary="Full-text search for corpora of Chinese local news",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.library = library or open_library(settings)
    app.add_middleware(Front)
    app.add_exception_handler(ZoufangError, tell(from_ours))
    app.add_exception_handler(RequestValidationError, tell(from_validation))
    app.add_exception_handler(HTTPException, tell(from_http))
    app.add_exception_handler(Exception, tell(from_anything))
    app.include_router(health.router)
    app.include_router(api.router)
    app.include_router(page.router)
    app.mount("/static", StaticFiles(directory=Path(__file__).parent / "page" / "static"), name="static")
    app.openapi = partial(openapi, app)  # type: ignore[method-assign]
    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; what FastAPI would answer with 422 we answer with 400."""
    if app.openapi_schema is None:
        app.openapi_schema = FastAPI.openapi(app)
        for path in app.openapi_schema["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
    return app.openapi_schema


def tell(read: Callable[[Exception], Told]) -> Callable[[Request, Exception], Awaitable[Response]]:
    """A handler that tells an error as JSON under /api and to machines, as a page elsewhere."""

    async def handler(request: Request, error: Exception) -> Response:
        what = read(error)
        if request.url.path.startswith(("/api/", "/readyz", "/healthz")):
            response: Response = problem(what)
        else:
            response = page.error_page(request, what.status, what.detail)
        response.headers.update(getattr(error, "headers", None) or {})
        if what.retry_after is not None:
            response.headers["Retry-After"] = str(what.retry_after)
        return response

    return handler


def from_ours(error: Exception) -> Told:
    assert isinstance(error, ZoufangError)
    return told(error)


def from_validation(error: Exception) -> Told:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    name = str(first["loc"][-1])
    return Told(HTTPStatus.BAD_REQUEST, "bad-request", f"{name}: {first['msg']}", name)


def from_http(error: Exception) -> Told:
    assert isinstance(error, HTTPException)
    status = HTTPStatus(error.status_code)
    return Told(status, status.phrase.lower().replace(" ", "-"), error.detail)


def from_anything(_error: Exception) -> Told:
    """What we did not foresee. The log has it; the answer does not show it."""
    return Told(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", UNFORESEEN)
