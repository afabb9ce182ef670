"""Whether the process lives, and whether it can answer."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from service.state import library_of

router = APIRouter(tags=["health"])


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> dict[str, str]:
    """Always 200."""
    return {"status": "ok"}


@router.get("/readyz", summary="Can it answer searches?")
async def readyz(request: Request) -> dict[str, Any]:
    """200 with the published index; 503 with the reason until there is one that can be read."""
    record = (await library_of(request).reader()).record
    return {"status": "ready", "index": record.name, "articles": record.articles, "snapshot": record.snapshot}
