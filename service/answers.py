"""Answers: what an engine found, put into the words of the API and the page.

They are plain dataclasses, neither frozen nor slotted: hundreds are made for an answer, and orjson
writes slotted ones at a fifth of the speed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from time import perf_counter

from mappings import campaigns, regions
from mappings.article import UNKNOWN, Article, Evidence
from mappings.facets import REGION_FIELDS
from mappings.query import FACETS, Facet, Filters, Search, Term
from mappings.record import IndexRecord
from service.highlight import Snippet, body_snippet, title_snippet
from service.links import Links, Toggle, links_of, toggles
from service.query import Note, Reading, forms
from service.readers.base import Counts, FacetCounts, Found, Library, Reader
from service.request import SearchRequest

UNKNOWN_LABEL = "未知"


@dataclass
class TermRead:
    """A term as it was read: its forms, and how many articles of the corpus hold it."""

    text: str
    forms: list[str]
    articles: int
    excluded: bool


@dataclass
class QueryRead:
    """The query as it was read."""

    text: str
    mode: str
    terms: list[TermRead]
    notes: list[Note]


@dataclass
class RegionName:
    """A place: today's GB/T 2260 code and name."""

    code: str
    name: str


@dataclass
class CampaignName:
    """A campaign of the authority file."""

    id: str
    name: str


@dataclass
class Hit:
    """One article of an answer. `score` is null where the order is not by relevance."""

    id: str
    title: str | None
    url: str | None
    source: str | None
    authors: tuple[str, ...]
    date: str | None
    year: int | None
    region: list[RegionName]
    campaigns: list[CampaignName]
    snippets: list[Snippet]
    score: float | None


@dataclass
class FacetValue:
    """A value of a facet: how many articles have it, and the link that chooses it or lets it go.

    `other` counts articles under this place whose part of it is not among the children.
    """

    value: str
    label: str
    count: int
    selected: bool
    toggle: str
    children: list[FacetValue]
    other: int = 0


@dataclass
class FacetAnswer:
    """One facet: values, articles of which it is unknown, articles under values not listed."""

    values: list[FacetValue]
    unknown: int
    other: int


@dataclass
class Answer:
    """What `GET /api/v1/search` answers with."""

    query: QueryRead
    total: int
    hits: list[Hit]
    facets: dict[Facet, FacetAnswer]
    snapshot: str
    took_ms: float
    links: Links


@dataclass
class ArticleAnswer:
    """What `GET /api/v1/articles/{id}` answers with: the whole article."""

    id: str
    url: str | None
    title: str | None
    body: str
    source: str | None
    authors: tuple[str, ...]
    date: str | None
    year: int | None
    region: list[RegionName]
    campaigns: list[CampaignName]
    script: str
    origin: str
    snapshot: str
    evidence: tuple[Evidence, ...]


@dataclass
class Outcome:
    """What an engine found for a request, which index it read, and when it was asked."""

    found: Found
    record: IndexRecord
    began: float


async def ask(library: Library, request: SearchRequest) -> Outcome:
    """What the engine finds for a request. The rest of the work is `answer`."""
    began = perf_counter()
    search = search_of(request)

    async def question(reader: Reader) -> Outcome:
        return Outcome(await reader.search(search), reader.record, began)

    return await library.ask(question)


def search_of(request: SearchRequest) -> Search:
    """What an engine is asked for a request. A term that is asked for alone is counted by the total."""
    reading, start = request.reading, request.size * (request.page - 1)
    counted = () if alone(request) else (*reading.terms, *reading.excluded)
    return Search(reading.query, request.filters, request.sort, start, request.size, counted)


def alone(request: SearchRequest) -> bool:
    """Whether a request is one term and nothing else."""
    reading = request.reading
    return len(reading.terms) == 1 and not reading.excluded and request.filters == Filters()


def answer(request: SearchRequest, outcome: Outcome) -> Answer:
    """The answer to a request, from what the engine found for it."""
    found = outcome.found
    return Answer(
        query=read_back(request.reading, (found.total,) if alone(request) else found.counts),
        total=found.total,
        hits=[hit(article, score, request.reading.terms) for article, score in found.hits],
        facets={facet: facet_answer(facet, found.facets[facet], request) for facet in FACETS},
        snapshot=outcome.record.snapshot,
        took_ms=round((perf_counter() - outcome.began) * 1000, 2),
        links=links_of(request, found.total),
    )


def read_back(reading: Reading, counts: Sequence[int]) -> QueryRead:
    """The query as read. `counts` are those of its terms, the excluded ones last."""
    both = [*((term, False) for term in reading.terms), *((term, True) for term in reading.excluded)]
    terms = [
        TermRead(term.text, forms(term), articles, excluded)
        for (term, excluded), articles in zip(both, counts, strict=True)
    ]
    return QueryRead(reading.text, "exact", terms, list(reading.notes))


def hit(article: Article, score: float | None, terms: Sequence[Term]) -> Hit:
    title = title_snippet(article.title, terms) if article.title and terms else None
    body = body_snippet(article.body, terms)
    return Hit(
        id=article.id,
        title=article.title,
        url=article.url,
        source=article.source,
        authors=article.authors,
        date=article.date,
        year=article.year,
        region=region_names(article),
        campaigns=campaign_names(article),
        snippets=[title, body] if title else [body],
        score=score,
    )


def region_names(article: Article) -> list[RegionName]:
    return [RegionName(code, region_label(code)) for code in article.region]


def campaign_names(article: Article) -> list[CampaignName]:
    return [CampaignName(id, campaign_label(id)) for id in article.campaigns]


def campaign_label(id: str) -> str:
    """The name of a campaign; its id where the authority file no longer has it."""
    return campaigns.name(id) if campaigns.known(id) else id


async def whole_article(library: Library, id: str) -> ArticleAnswer:
    """The whole article, with the evidence of its labels. Raises NotFound."""

    async def question(reader: Reader) -> ArticleAnswer:
        return article_answer(await reader.article(id), reader.record)

    return await library.ask(question)


def article_answer(article: Article, record: IndexRecord) -> ArticleAnswer:
    """An article as it is told; `record` is that of its index."""
    return ArticleAnswer(
        id=article.id,
        url=article.url,
        title=article.title,
        body=article.body,
        source=article.source,
        authors=article.authors,
        date=article.date,
        year=article.year,
        region=region_names(article),
        campaigns=campaign_names(article),
        script=article.script,
        origin=article.origin,
        snapshot=record.snapshot,
        evidence=article.evidence,
    )


def facet_answer(facet: Facet, counted: FacetCounts, request: SearchRequest) -> FacetAnswer:
    """The values of a facet as they are shown. Unknown ones are counted apart at the top level; below
    a place they are a value there.
    """
    chosen = request.filters.values(facet)
    toggle = toggles(request, facet)
    if facet == "region":
        values = region_tree(counted, chosen, toggle)
    else:
        values = [
            FacetValue(value, value_label(facet, value), count, value in chosen, toggle(value), [])
            for value, count in listed(counted.levels[0], chosen)
            if value != UNKNOWN
        ]
        if facet == "year":
            values.sort(key=lambda value: value.value, reverse=True)
    unknown = dict(counted.levels[0]).get(UNKNOWN, 0)
    return FacetAnswer(values, unknown, counted.rest[0])


def listed(counts: Counts, chosen: Sequence[str]) -> Counts:
    """The counts, with what is chosen among them even where no article has it."""
    there = {value for value, _ in counts}
    return [*counts, *((value, 0) for value in dict.fromkeys(chosen) if value not in there)]


def value_label(facet: Facet, value: str) -> str:
    """How a facet's value is called."""
    if facet == "region":
        return region_label(value)
    if value == UNKNOWN:
        return UNKNOWN_LABEL
    return campaign_label(value) if facet == "campaign" else value


def region_tree(counted: FacetCounts, chosen: Sequence[str], toggle: Toggle) -> list[FacetValue]:
    """The regions as a tree, as far down as each level is listed whole or has been opened."""
    below: list[dict[str, Counts]] = [{} for _ in REGION_FIELDS]
    for number, counts in enumerate(counted.levels):
        for value, count in counts:
            if parent := parent_of(value, number):
                below[number].setdefault(parent, []).append((value, count))
    opened = {place for value in chosen for place in ancestors(value)}

    def node(value: str, count: int, number: int) -> FacetValue:
        parts: Counts = []
        deeper = number + 1
        if deeper < len(REGION_FIELDS) and (not counted.rest[deeper] or value in opened):
            parts = below[deeper].get(value, [])
        children = [node(part, articles, deeper) for part, articles in parts]
        other = count - sum(child.count for child in children) if children else 0
        return FacetValue(value, region_label(value), count, value in chosen, toggle(value), children, other)

    top = [(value, count) for value, count in counted.levels[0] if value != UNKNOWN]
    missing = [value for value in chosen if not ancestors(value) and value != UNKNOWN]
    missing += [place for value in chosen for place in ancestors(value)[:1] if place not in dict(top)]
    return [node(value, count, 0) for value, count in listed(top, missing)]


def ancestors(value: str) -> tuple[str, ...]:
    """The path of a region value; of `CODE/unknown` that of the code. Empty for what is no place."""
    code = value.removesuffix(f"/{UNKNOWN}")
    return regions.path(code) if regions.known(code) else ()


@cache
def parent_of(value: str, number: int) -> str | None:
    """The value one level up; None at the top and where a value stands for one of a higher level."""
    if number == 0 or value == UNKNOWN:
        return None
    code, _, unknown = value.partition("/")
    path = ancestors(code)
    if unknown:
        return code if len(path) == number else None
    return path[number - 1] if len(path) > number else None


def region_label(value: str) -> str:
    """The name of a place; of `CODE/unknown` that its part is unknown."""
    code, _, unknown = value.partition("/")
    if unknown or code == UNKNOWN:
        return UNKNOWN_LABEL
    return regions.name(code) if regions.known(code) else code
