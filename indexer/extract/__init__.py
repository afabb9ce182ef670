"""A cleaned page labelled: date, source, authors, region, campaigns, script, each with evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import blake2b
from urllib.parse import urlsplit, urlunsplit

from indexer.clean import Cleaned
from indexer.extract.campaign import label_campaigns
from indexer.extract.date import label_date
from indexer.extract.dateline import find_dateline
from indexer.extract.draft import Draft
from indexer.extract.region import label_region
from indexer.extract.source import label_authors, label_source
from mappings.article import Article
from mappings.text import Units, script

_ID_BYTES = 10


def extract(cleaned: Cleaned, today: date) -> Article:
    """The Article of a cleaned page. `today` bounds the dates that are believed."""
    dateline = find_dateline(cleaned.body)
    source, source_evidence = label_source(cleaned, dateline)
    authors, author_evidence = label_authors(cleaned, dateline)
    dated = label_date(cleaned, dateline, today)
    date_min, date_max = dated.bounds if dated and dated.bounds else (None, None)
    return relabel(
        Article(
            id=article_id(cleaned),
            body=cleaned.body,
            origin=cleaned.page.origin,
            url=cleaned.page.record.get("url"),
            title=cleaned.title,
            source=source,
            authors=authors,
            date=dated.edtf if dated else None,
            date_min=date_min,
            date_max=date_max,
            script=script(f"{cleaned.title or ''}{cleaned.body}"),
            group=digest(Units(cleaned.body).joined),
            evidence=(*([dated.evidence] if dated else []), *source_evidence, *author_evidence),
        )
    )


def relabel(article: Article) -> Article:
    """The article with its region and campaigns found by the data files of today."""
    dateline = find_dateline(article.body)
    draft = Draft(
        title=article.title,
        body=article.body,
        source=article.source,
        url=article.url,
        dateline=(dateline.start, dateline.end) if dateline else None,
        date_min=article.date_min,
        date_max=article.date_max,
        outlet=dateline.outlet_span if dateline else None,
        source_evidence=next((item for item in article.evidence if item.field == "source"), None),
    )
    region, region_then, region_evidence = label_region(draft)
    campaigns, campaign_evidence = label_campaigns(draft, region)
    kept = (item for item in article.evidence if item.field not in ("region", "campaigns"))
    return replace(
        article,
        region=region,
        region_then=region_then,
        campaigns=campaigns,
        evidence=(*kept, *region_evidence, *campaign_evidence),
    )


def article_id(cleaned: Cleaned) -> str:
    """The id supplied, else a hash of the canonical address, else of the origin; never of the text,
    which changes with our rules.
    """
    record = cleaned.page.record
    if given := record.get("id"):
        return given
    return digest(canonical(record["url"]) if "url" in record else cleaned.page.origin)


def digest(text: str) -> str:
    """80 bits of a hash: among a billion articles two are alike with a chance of one in two million."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=_ID_BYTES).hexdigest()


def canonical(url: str) -> str:
    """An address without what does not change the page: scheme, case of the host, the scheme's own
    port, fragment.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    place = host if port in (None, 80, 443) else f"{host}:{port}"
    return urlunsplit(("", place, parts.path or "/", parts.query, ""))
