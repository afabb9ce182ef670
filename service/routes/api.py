"""The JSON API."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from mappings.errors import RequestError
from service.answers import Answer, ArticleAnswer, answer, ask, whole_article
from service.examples import ARTICLE_EXAMPLE, PROBLEM_EXAMPLE, SEARCH_EXAMPLE
from service.request import PARAMETERS, read_request
from service.state import library_of, settings_of

router = APIRouter(prefix="/api/v1")

_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {"example": PROBLEM_EXAMPLE}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"description": "A parameter cannot be used", **_PROBLEM},
    503: {
        "description": "Nothing is published yet, or it cannot be read",
        "headers": {
            "Retry-After": {
                "description": "Seconds after which to ask again; absent where waiting alone does not help.",
                "schema": {"type": "integer"},
            }
        },
        **_PROBLEM,
    },
}


class Json(Response):
    """JSON by orjson, straight from our dataclasses."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


@router.get(
    "/search",
    tags=["search"],
    summary="Articles that contain what was typed, with facets",
    response_model=Answer,
    responses={200: {"content": {"application/json": {"example": SEARCH_EXAMPLE}}}, **PROBLEMS},
)
async def search(
    request: Request,
    q: Annotated[
        str,
        Query(
            description="What to look for, in either script: terms (all of them), "
            '`"exact text"`, `-excluded`. Empty: everything, newest first.',
            examples=["大走訪", '"三访三评" -交警'],
        ),
    ] = "",
    region: Annotated[
        list[str] | None, Query(description="GB/T 2260 code, with all beneath it; `unknown`; `CODE/unknown`.")
    ] = None,
    year: Annotated[list[str] | None, Query(description="Year of publication, or `unknown`.")] = None,
    campaign: Annotated[list[str] | None, Query(description="Id of a campaign, or `unknown`.")] = None,
    source: Annotated[
        list[str] | None, Query(description="Publisher, in either script, or `unknown`.")
    ] = None,
    year_from: Annotated[
        int | None, Query(description="Published in this year or later, for certain.")
    ] = None,
    year_to: Annotated[
        int | None, Query(description="Published in this year or earlier, for certain.")
    ] = None,
    sort: Annotated[
        str | None,
        Query(description="`relevance` (the default where something is typed), `-date` or `date`."),
    ] = None,
    page: Annotated[int, Query(description="Page of hits, from 1.")] = 1,
    size: Annotated[int | None, Query(description="Hits on a page.")] = None,
) -> Response:
    """A repeated parameter is OR, different parameters are AND. Totals and counts are exact; a facet's
    counts leave its own selection aside. `marks` count code points of `text` and cover whole matches.
    """
    if strange := sorted(set(request.query_params) - set(PARAMETERS)):
        raise RequestError(
            f"there is no parameter {strange[0]!r}; there are {', '.join(PARAMETERS)}", parameter=strange[0]
        )
    asked = read_request(
        settings_of(request), q, region=region, year=year, campaign=campaign, source=source,
        year_from=year_from, year_to=year_to, sort=sort, page=page, size=size,
    )  # fmt: skip
    outcome = await ask(library_of(request), asked)
    return await asyncio.to_thread(lambda: Json(answer(asked, outcome)))


@router.get(
    "/articles/{id:path}",
    tags=["articles"],
    summary="One article, whole, with the evidence of its labels",
    response_model=ArticleAnswer,
    responses={
        200: {"content": {"application/json": {"example": ARTICLE_EXAMPLE}}},
        404: {"description": "No article has this id", **_PROBLEM},
        503: PROBLEMS[503],
    },
)
async def article(request: Request, id: Annotated[str, Path(description="The article's id.")]) -> Response:
    """`start` and `end` of an evidence count code points in the text that `where` names: the article's
    title or body, the page as it was read, the address, or the input record.
    """
    return Json(await whole_article(library_of(request), id))
