"""The search page and the article page, rendered here, without scripts."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, unquote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from mappings.article import UNKNOWN, one_line
from mappings.query import FACETS, SORTS, Facet
from service.answers import UNKNOWN_LABEL, FacetValue, Outcome, answer, ask, value_label, whole_article
from service.highlight import Snippet, find_terms, merged
from service.links import joined, parameters, toggles
from service.query import read_query
from service.request import SearchRequest, read_request
from service.state import library_of, settings_of

router = APIRouter(include_in_schema=False)

SHOWN = 12
"""Values of a facet that are shown at once."""

FACET_NAMES: dict[Facet, str] = {"region": "地区", "year": "年份", "campaign": "活动", "source": "来源"}
SORT_NAMES = {"relevance": "相关", "-date": "最新", "date": "最早"}
FIELD_NAMES = {
    "date": "日期",
    "region": "地区",
    "campaigns": "活动",
    "source": "来源",
    "authors": "作者",
}
PLACE_NAMES = {"title": "标题", "body": "正文", "page": "原网页", "address": "网址", "record": "输入记录"}
SCRIPT_TAGS = {"Hant": "zh-Hant", "Hans": "zh-Hans"}


def mark(text: str, marks: Iterable[tuple[int, int]]) -> Markup:
    """A text with its marks, all else escaped."""
    parts: list[Markup] = []
    place = 0
    for start, end in marks:
        parts += [escape(text[place:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
        place = end
    return Markup("").join([*parts, escape(text[place:])])


def evidence_label(field: str, value: str) -> str:
    """How the value of an evidence is called."""
    facet: Facet | None = {"region": "region", "campaigns": "campaign"}.get(field)  # type: ignore[assignment]
    return value_label(facet, value) if facet else value


def safe_address(address: str | None) -> str | None:
    """An address that may be a link: http and https only."""
    return address if address and address.lower().startswith(("http://", "https://")) else None


_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "page"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals |= {
    "FACETS": FACETS,
    "FACET_NAMES": FACET_NAMES,
    "FIELD_NAMES": FIELD_NAMES,
    "PLACE_NAMES": PLACE_NAMES,
    "SORTS": SORTS,
    "SORT_NAMES": SORT_NAMES,
    "SCRIPT_TAGS": SCRIPT_TAGS,
    "UNKNOWN": UNKNOWN,
    "UNKNOWN_LABEL": UNKNOWN_LABEL,
    "evidence_label": evidence_label,
    "mark": mark,
    "path_of": partial(quote, safe=""),
    "safe_address": safe_address,
}


def render(template: str, status: HTTPStatus = HTTPStatus.OK, **values: Any) -> HTMLResponse:
    return HTMLResponse(_templates.get_template(template).render(values), status_code=int(status))


@router.get("/")
async def search_page(
    request: Request,
    q: str = "",
    region: Annotated[list[str] | None, Query()] = None,
    year: Annotated[list[str] | None, Query()] = None,
    campaign: Annotated[list[str] | None, Query()] = None,
    source: Annotated[list[str] | None, Query()] = None,
    year_from: str = "",
    year_to: str = "",
    sort: str | None = None,
    page: int = 1,
    size: int | None = None,
) -> Response:
    """The box, the hits, the facets. An empty year field of the form counts as not given."""
    asked = read_request(
        settings_of(request), q, region=region, year=year, campaign=campaign, source=source,
        year_from=year_given(year_from), year_to=year_given(year_to),
        sort=sort, page=page, size=size,
    )  # fmt: skip
    outcome = await ask(library_of(request), asked)
    return await asyncio.to_thread(found_page, asked, outcome, q.strip())


def found_page(asked: SearchRequest, outcome: Outcome, query: str) -> Response:
    """The search page with what was found."""
    found = answer(asked, outcome)
    return render(
        "search.html",
        answer=found,
        asked=asked,
        query=query,
        titles={hit.id: title_marks(hit.snippets) for hit in found.hits},
        clear=clear_link(asked),
        chips=chips(asked),
        first_page=joined(parameters(asked)),
        is_open=is_open,
        shown=shown,
        years_kept=[part for part in kept_fields(asked) if part[0] not in ("year_from", "year_to")],
        unknown_link=lambda facet: toggles(asked, facet)(UNKNOWN),
        sorts=[
            (name, sort_link(asked, name)) for name in SORTS if asked.reading.terms or name != "relevance"
        ],
        pages=min(-(-found.total // asked.size), asked.reach // asked.size),
        beyond=found.total > asked.reach,
    )


def year_given(typed: str) -> int | None:
    """The year in a field of the form; None where it holds none."""
    typed = typed.strip()[:5]  # a number of thousands of digits cannot be read
    return int(typed) if typed.isdecimal() else None


def title_marks(snippets: list[Snippet]) -> list[tuple[int, int]]:
    return next((snippet.marks for snippet in snippets if snippet.field == "title"), [])


def is_open(value: FacetValue) -> bool:
    """Whether a place's parts are shown at once: something in them is chosen, or it is itself."""
    return value.selected or any(is_open(child) for child in value.children)


def shown(values: list[FacetValue]) -> tuple[list[FacetValue], list[FacetValue]]:
    """The values that a facet shows at once, and those behind "more"; what is chosen is shown."""
    first = [value for place, value in enumerate(values) if place < SHOWN or is_open(value)]
    return first, [value for value in values if value not in first]


def kept_fields(asked: SearchRequest) -> list[tuple[str, str]]:
    """What is asked for, as the hidden fields of a form."""
    return [(name, unquote(value)) for name, _, value in (part.partition("=") for part in parameters(asked))]


def chips(asked: SearchRequest) -> list[tuple[str, str, str]]:
    """What the search is narrowed to: the facet's name, the value's label, the link without it."""
    chosen = [
        (FACET_NAMES[facet], value_label(facet, value), toggles(asked, facet)(value))
        for facet in FACETS
        for value in asked.filters.values(facet)
    ]
    for name, bound, words in (
        ("year_from", asked.filters.year_from, "起"),
        ("year_to", asked.filters.year_to, "止"),
    ):
        if bound is not None:
            rest = [part for part in parameters(asked) if not part.startswith(f"{name}=")]
            chosen.append((FACET_NAMES["year"], f"{bound} {words}", joined(rest)))
    return chosen


def clear_link(asked: SearchRequest) -> str:
    """The same words without any filter."""
    return joined([part for part in parameters(asked) if part.startswith("q=")])


def sort_link(asked: SearchRequest, name: str) -> str:
    return joined([*(part for part in parameters(asked) if not part.startswith("sort=")), f"sort={name}"])


@router.get("/articles/{id:path}")
async def article_page(request: Request, id: str, q: str = "") -> Response:
    """An article with its labels and their evidence; the words of `q` are marked."""
    article = await whole_article(library_of(request), id)
    terms = read_query(q, settings_of(request)).terms

    def marked(text: str) -> Markup:
        return mark(text, merged([span for span, _ in find_terms(text, terms)]))

    def page() -> Response:
        return render(
            "article.html",
            article=article,
            title=marked(article.title or ""),
            body=[marked(paragraph) for paragraph in article.body.split("\n")],
            query=one_line(q),
            back=f"/?{request.url.query}" if request.url.query else None,
        )

    return await asyncio.to_thread(page)


def error_page(request: Request, status: HTTPStatus, detail: str) -> Response:
    """An error told to a person."""
    typed = request.query_params.get("q", "")[: settings_of(request).max_query]
    return render("error.html", status, code=int(status), detail=detail, query=typed)
