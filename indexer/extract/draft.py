"""The Draft: a cleaned page before its labels of place and campaign."""

from __future__ import annotations

from dataclasses import dataclass

from mappings.article import Evidence


@dataclass(frozen=True, slots=True)
class Draft:
    """What the labelling rules may look at.

    `title` and `body` are the cleaned text (original script). `source` is the publisher as
    printed, `source_evidence` where, `url` the address. `dateline` is the span (start, end) in
    `body` of a dateline such as 四川新闻网自贡4月20日讯, `outlet` that of the outlet in it.
    `date_min`/`date_max` are yyyymmdd integers, None where no year is known.
    """

    title: str | None
    body: str
    source: str | None = None
    url: str | None = None
    dateline: tuple[int, int] | None = None
    date_min: int | None = None
    date_max: int | None = None
    outlet: tuple[int, int] | None = None
    source_evidence: Evidence | None = None
