"""Which campaigns an article speaks of, with the words that say so.

Aliases are matched as a search for them would (mappings.text): on folded units, so that
“三访三评”深化“大走访” holds 三访三评深化大走访; the longest match wins. An alias that several
campaigns had over the years counts only where the article's date leaves one of them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from ahocorasick_rs import AhoCorasick, MatchKind

from indexer.extract.chains import Path
from indexer.extract.region import label_region
from mappings import campaigns, regions
from mappings.article import Evidence, Place
from mappings.text import Units, fold, units

if TYPE_CHECKING:
    from indexer.extract.draft import Draft
    from mappings.campaigns import Campaign

MOST = 0.8
"""Share of an article's possible days that one of several campaigns must cover to be meant."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What one alias can mean."""

    always: tuple[Campaign, ...]
    dated: tuple[tuple[Campaign, int, int], ...]
    local: tuple[Campaign, ...]


@cache
def _aliases() -> tuple[AhoCorasick, tuple[_Meaning, ...]]:
    always: dict[str, list[Campaign]] = defaultdict(list)
    dated: dict[str, list[tuple[Campaign, int, int]]] = defaultdict(list)
    local: dict[str, list[Campaign]] = defaultdict(list)
    for campaign in campaigns.all_campaigns():
        for alias in campaign.aliases:
            always[_pattern(alias)].append(campaign)
        for alias in campaign.local:
            local[_pattern(alias)].append(campaign)
        for item in campaign.dated:
            dated[_pattern(item.alias)].append((campaign, item.first, item.last))
    patterns = list(dict.fromkeys([*always, *dated, *local]))
    meanings = tuple(_Meaning(tuple(always[p]), tuple(dated[p]), tuple(local[p])) for p in patterns)
    return AhoCorasick(patterns, matchkind=MatchKind.LeftmostLongest), meanings


def _pattern(alias: str) -> str:
    return "".join(f" {unit}" for unit in units(alias))


@dataclass(frozen=True, slots=True)
class _Hit:
    campaign: Campaign
    rule: str
    where: Place
    start: int
    end: int


def _day(packed: int) -> int:
    """The day of a yyyymmdd as a number; months are taken as 31 days at most long."""
    year, month, day = packed // 10_000, packed // 100 % 100, packed % 100
    return date(min(max(year, 1), 9998), month, 1).toordinal() + day


def _decided(choices: tuple[tuple[Campaign, int, int], ...], draft: Draft) -> Campaign | None:
    """The campaign that the article's date leaves, None where it leaves none or several."""
    if draft.date_min is None or draft.date_max is None:
        return None
    low, high = _day(draft.date_min), _day(draft.date_max)
    for campaign, first, last in choices:
        covered = min(high, _day(last)) - max(low, _day(first)) + 1
        if covered / (high - low + 1) >= MOST:
            return campaign
    return None


def _meant(meaning: _Meaning, draft: Draft, region: Path) -> tuple[Campaign, str] | None:
    if meaning.always:
        return meaning.always[0], "alias"
    campaign = _decided(meaning.dated, draft) if meaning.dated else None
    if campaign:
        return campaign, "alias+date"
    for campaign in meaning.local:
        if campaign.place in region or _is_named(campaign.place, draft):
            return campaign, "alias+place"
    return None


def _is_named(code: str, draft: Draft) -> bool:
    """Whether a place of today is named anywhere in the article, in full or in short."""
    name = regions.name(code)
    text = fold(f"{draft.title or ''}\n{draft.body}\n{draft.source or ''}")
    return any(form in text for form in (name, *regions.short_names(name)))


def _hits(draft: Draft, region: Path) -> list[_Hit]:
    automaton, meanings = _aliases()
    decided: dict[int, tuple[Campaign, str] | None] = {}
    hits: list[_Hit] = []
    texts: tuple[tuple[Place, str], ...] = (("title", draft.title or ""), ("body", draft.body))
    for where, text in texts:
        found = Units(text)
        joined = found.joined
        matches = [
            match
            for match in automaton.find_matches_as_indexes(joined)
            if joined[match[2]] == " "  # 净网2018 is not in 净网20181
        ]
        if not matches:
            continue
        firsts = found.starts[found.unit_at([start + 1 for _, start, _ in matches])].tolist()
        lasts = found.ends[found.unit_at([end - 1 for _, _, end in matches])].tolist()
        for (index, _, _), start, end in zip(matches, firsts, lasts, strict=True):
            if index not in decided:
                decided[index] = _meant(meanings[index], draft, region)
            if meant := decided[index]:
                hits.append(_Hit(*meant, where, start, end))
    return hits


def label_campaigns(draft: Draft, region: Path | None = None) -> tuple[tuple[str, ...], list[Evidence]]:
    """The ids of the campaigns that an article speaks of, and the evidence for each.

    The most prominent first: named in the title, then by how often, then by what comes first.
    Evidence is the first place in the title and the first in the body; its basis is "inferred"
    where the date or the place decided what an alias means. `region` is the article's path, found
    here where it is not given.
    """
    region = label_region(draft)[0] if region is None else region
    hits: dict[str, list[_Hit]] = defaultdict(list)
    for hit in _hits(draft, region):
        hits[hit.campaign.id].append(hit)
    order = sorted(hits, key=lambda key: (hits[key][0].where != "title", -len(hits[key]), hits[key][0].start))
    evidence = []
    for found in (hits[id] for id in order):
        firsts: dict[Place, _Hit] = {}
        for hit in found:
            firsts.setdefault(hit.where, hit)
        evidence += [_evidence(hit, draft) for hit in firsts.values()]
    return tuple(order), evidence


def _evidence(hit: _Hit, draft: Draft) -> Evidence:
    text = (draft.title or "") if hit.where == "title" else draft.body
    return Evidence(
        field="campaigns",
        value=hit.campaign.id,
        rule=hit.rule,
        quote=text[hit.start : hit.end],
        start=hit.start,
        end=hit.end,
        where=hit.where,
        basis="stated" if hit.rule == "alias" else "inferred",
    )
