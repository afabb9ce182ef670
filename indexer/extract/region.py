"""Which place an article is about, with the words that say so.

Names are found by one automaton over folded text and joined into chains (天水市秦安县). Each chain
is a vote for its path, weighed by its witness: an agency's name (秦安县公安局), the dateline, the
title, the publisher, a mere mention. The votes go down the tree of places level by level and stop
where no place is clearly ahead: a shallower level, or none, is better than a wrong one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from ahocorasick_rs import AhoCorasick, MatchKind

from indexer.extract.region_words import (
    AGENCY,
    ENDS_OTHERWISE,
    GENERIC_DISTRICTS,
    INTRODUCING,
    NEEDS_PARENT,
    NOT_SHORT,
    NOT_THE_PLACE,
    OFFICE,
    ONE_CHARACTER,
    PERSON_AFTER,
    RIVERS,
    ROUND_UP,
    SURNAMES,
    WORD_LIKE,
)
from mappings import regions
from mappings.article import Evidence, Place
from mappings.text import fold

if TYPE_CHECKING:
    from indexer.extract.draft import Draft
    from mappings.regions import Region

Path = tuple[str, ...]
Witness = Literal["agency", "dateline", "source", "title", "mention"]

OLDEST = 1995
"""Names that went out of use before this year are not looked for: few pages are older."""

HEAD, TAIL = 200, 60
"""Code points at the start and the end of a body within which an agency is likely the issuer."""

WEIGHT: dict[Witness, float] = {"dateline": 5.0, "agency": 2.0, "title": 3.0, "source": 2.0, "mention": 1.0}
ISSUER = 2.5
"""Factor on an agency named in the title, the head or the tail."""
SHORT = 0.8
"""Factor on a mention by a short name."""
CAPITAL = 0.2
"""Factor on a bare 北京, which is where national news happens."""

_SPECIAL_LEVEL = re.compile(r"\d\d(?:0[1-3]|90)00")


@dataclass(frozen=True, slots=True)
class Surface:
    """One way of writing a name and the places it may mean. `size` is its length in characters."""

    text: str
    full: bool
    level: regions.Level
    places: tuple[Region, ...]
    size: int

    def meant(self, year: int | None) -> dict[Path, Region]:
        """{today's path: the place} of those the name can mean in that year (today where None)."""
        places = self.places
        if len(places) > 1:
            if year is not None:
                alive = [p for p in places if (p.since or 0) - 1 <= year <= (p.until or 9999) + 3]
                exact = [p for p in alive if (p.since or 0) <= year <= (p.until or 9999)]
                # a place that kept its name and changed its code is one place, not two
                places = tuple(_merge(exact, alive)) or places
            else:
                places = tuple(p for p in places if p.current) or places
        return {regions.path_of(place): place for place in reversed(places)}


def _merge(exact: list[Region], alive: list[Region]) -> list[Region]:
    paths = {regions.path_of(place) for place in exact}
    return exact + [place for place in alive if regions.path_of(place) not in paths]


@dataclass(frozen=True, slots=True)
class _Gazetteer:
    automaton: AhoCorasick
    surfaces: tuple[Surface, ...]


_RANK = {"province": 0, "prefecture": 1, "county": 2}


@cache
def _gazetteer() -> _Gazetteer:
    full: dict[str, list[Region]] = defaultdict(list)
    short: dict[str, list[Region]] = defaultdict(list)
    for place in regions.all_names():
        usable = place.current or (place.since is not None and (place.until or 0) >= OLDEST)
        if not usable or not place.now or (place.since is None and _SPECIAL_LEVEL.fullmatch(place.code)):
            continue
        if place.code[:2] in ("81", "82", "83") and place.level != "province":
            continue
        full[fold(place.name)].append(place)
        for item in regions.short_names(place.name):
            short[fold(item)].append(place)
    surfaces = [_surface(text, True, places) for text, places in full.items()]
    surfaces += [
        _surface(text, False, places)
        for text, places in short.items()
        if text not in full and (_highest(places) != "county" or text not in NOT_SHORT)
    ]
    automaton = AhoCorasick([s.text for s in surfaces], matchkind=MatchKind.LeftmostLongest)
    return _Gazetteer(automaton, tuple(surfaces))


def _highest(places: list[Region]) -> regions.Level:
    return min((place.level for place in places), key=_RANK.__getitem__)


def _surface(text: str, full: bool, places: list[Region]) -> Surface:
    level = _highest(places)
    if not full:  # 长沙 is the city, not the county within it
        places = [place for place in places if place.level == level]
    return Surface(text, full, level, tuple(places), len(text))


@dataclass(slots=True)
class Chain:
    """Names that stand together, as places within places. `meant` is {} until it is resolved."""

    start: int
    end: int
    where: Place
    meant: dict[Path, Region]
    sure: bool
    full: bool
    agency_end: int = 0
    office: bool = False

    @property
    def path(self) -> Path:
        return next(iter(self.meant))


def _is_under(path: Path, parent: Path) -> bool:
    return len(path) > len(parent) and path[: len(parent)] == parent


def _within(meant: dict[Path, Region], parent: Path) -> dict[Path, Region]:
    return {path: place for path, place in meant.items() if _is_under(path, parent)}


def _chains(text: str, where: Place, year: int | None) -> list[Chain]:
    """The chains of place names in a folded text, in order; some not yet sure."""
    gazetteer = _gazetteer()
    chains: list[Chain] = []
    for index, start, end in gazetteer.automaton.find_matches_as_indexes(text):
        surface = gazetteer.surfaces[index]
        previous = chains[-1] if chains else None
        joined = previous is not None and previous.end == start
        if _is_something_else(surface, text, start, end, joined):
            continue
        meant = surface.meant(year)
        if previous is not None and previous.meant and previous.agency_end <= start:
            gap = text[previous.end : start]
            if not gap or (gap == "公安局" and surface.level == "county"):
                inside = _within(meant, previous.path) if previous.sure else {}
                if len(inside) == 1 and _may_follow(surface, previous, text, end):
                    previous.meant, previous.end, previous.full = inside, end, surface.full
                    _see_agency(previous, text)
                    continue
        chain = Chain(start, end, where, meant, sure=False, full=surface.full)
        _see_agency(chain, text)
        if _stands_alone(surface, chain, text):
            chain.sure = len(meant) == 1
            chains.append(chain)
    return chains


def _is_something_else(surface: Surface, text: str, start: int, end: int, joined: bool) -> bool:
    """Whether the characters are part of another word: 高玉林, 黄河南岸, 和平区域, 北京大学.

    `joined` says that another place's name ends where this one starts (江苏响水: 苏 is no surname).
    """
    before = text[start - 1] if start and not joined else ""
    after = text[end : end + 6]
    if surface.full:
        return bool(ENDS_OTHERWISE.match(text, end - 1))
    if NOT_THE_PLACE.match(after):
        return True
    if surface.level == "province":
        return before != "" and before in RIVERS.get(surface.text, "")
    return surface.size == 2 and (before in SURNAMES or bool(PERSON_AFTER.match(after)))


def _may_follow(surface: Surface, previous: Chain, text: str, end: int) -> bool:
    """Whether a name may be read as lying in the place named right before it."""
    if surface.text in GENERIC_DISTRICTS:
        return previous.full and bool(AGENCY.match(text, end))
    return surface.full or surface.text not in NOT_SHORT


def _stands_alone(surface: Surface, chain: Chain, text: str) -> bool:
    """Whether a name that follows no other can be kept; what is kept may still need a parent."""
    if surface.text in GENERIC_DISTRICTS:
        return False
    if surface.level == "province":
        return True
    agency = chain.agency_end > 0
    if surface.level == "prefecture":
        return surface.full or agency or surface.text not in WORD_LIKE
    if surface.full:
        before = text[chain.start - 1] if chain.start else ""
        return surface.size > 2 or (agency and (not before.isalnum() or before in INTRODUCING))
    return surface.size > 2 or agency


def _see_agency(chain: Chain, text: str) -> None:
    found = AGENCY.match(text, chain.end)
    chain.agency_end = found.end() if found else 0
    chain.office = bool(found and OFFICE.match(text, chain.end))


def _settle(chains: list[Chain], texts: dict[Place, str]) -> list[Chain]:
    """The chains that mean one place, the ambiguous ones by the places that are sure."""
    sure: set[Path] = set()
    for chain in chains:
        if chain.sure and not _doubtful(chain, texts):
            path = chain.path
            sure.update(path[: n + 1] for n in range(len(path)))
    settled = []
    for chain in chains:
        if chain.sure and not _doubtful(chain, texts):
            settled.append(chain)
            continue
        for depth in (2, 1):
            near = {p: place for p, place in chain.meant.items() if len(p) > depth and p[:depth] in sure}
            if near:
                break
        if len(near) == 1:
            chain.meant = near
            settled.append(chain)
    return settled


def _doubtful(chain: Chain, texts: dict[Place, str]) -> bool:
    """Whether even a name that means one place needs that place's parent named elsewhere."""
    if len(chain.path) < 3:
        return False
    text = texts[chain.where][chain.start : chain.end]
    if chain.full and text[:-1] in ONE_CHARACTER:
        return True
    return not chain.office and (len(text) == 2 or text in NEEDS_PARENT)


@dataclass(frozen=True, slots=True)
class Vote:
    """What one chain says: a place, how much that weighs, and where it is written."""

    path: Path
    place: Region
    weight: float
    witness: Witness
    start: int
    end: int
    where: Place


def _weigh(chain: Chain, draft: Draft, text: str) -> Vote:
    path, place = next(iter(chain.meant.items()))
    end, factor = chain.end, 1.0
    witness: Witness = "mention"
    if chain.where == "record":
        witness = "source"
        path = path[:2]
    elif chain.where == "body" and draft.dateline and draft.dateline[0] <= chain.start < draft.dateline[1]:
        witness = "dateline"
    elif chain.agency_end:
        witness, end = "agency", chain.agency_end
        near = chain.start < HEAD or chain.start > len(text) - TAIL
        factor = ISSUER if near or chain.where == "title" else 1.0
    elif chain.where == "title":
        witness = "title"
    if witness in ("mention", "title", "dateline"):
        if text[chain.start : chain.end] == "北京" and text[chain.end : chain.end + 1] != ":":
            factor = CAPITAL
        elif not chain.full and witness == "mention":
            factor = SHORT
    return Vote(path, place, WEIGHT[witness] * factor, witness, chain.start, end, chain.where)


def _votes(draft: Draft, year: int | None) -> list[Vote]:
    texts: dict[Place, str] = {"body": fold(draft.body)}
    if draft.title:
        texts["title"] = fold(draft.title)
    if draft.source:
        texts["record"] = fold(draft.source)
    chains: list[Chain] = []
    for where, text in texts.items():
        if where == "record":
            text = texts[where] = _place_of_publisher(text)
        chains += _chains(text, where, year)
    return [_weigh(chain, draft, texts[chain.where]) for chain in _settle(chains, texts)]


_PUBLISHER = re.compile(
    r"(?:政法|长安|新闻|公安|警方|平安|法制|法治|信息|都市|电视|日报|晚报|在线|之窗|热线|广播|网|报|台).*$"
)


def _place_of_publisher(source: str) -> str:
    """The part of a publisher's name before what makes it one: 甘肃 of 甘肃政法网."""
    return _PUBLISHER.sub("", source)


@dataclass(slots=True)
class _Step:
    code: str
    own: float
    rivals: float


def _best(votes: list[Vote], depth: int) -> _Step | None:
    """The place ahead at a depth among votes that reach it, its weight and that of all of them."""
    sums: dict[str, float] = defaultdict(float)
    for vote in votes:
        if len(vote.path) > depth:
            sums[vote.path[depth]] += vote.weight
    if not sums:
        return None
    code = max(sorted(sums), key=sums.__getitem__)
    return _Step(code, sums[code], sum(sums.values()))


def _decide(votes: list[Vote]) -> Path:
    """The path down to which one place is clearly ahead."""
    path: list[str] = []
    for depth in range(3):
        step = _best(votes, depth)
        if step is None:
            break
        mine = [vote for vote in votes if len(vote.path) > depth and vote.path[depth] == step.code]
        strong = any(vote.witness != "mention" and vote.weight >= 2 for vote in mine)
        if not _is_ahead(depth, step, strong, votes):
            break
        path.append(step.code)
        votes = mine
    return tuple(path)


def _is_ahead(depth: int, step: _Step, strong: bool, votes: list[Vote]) -> bool:
    share = step.own / step.rivals
    if depth == 0:
        # one agency named in passing is not enough; a publisher is, where nothing else is named
        enough = 2 if all(vote.witness == "source" for vote in votes) else 3
        return step.own >= enough and share >= (0.65 if strong else 0.8)
    # votes that stop at the level above speak against going deeper, except those that place
    # only roughly: a dateline names the city, a publisher the province
    rough = ("dateline", "source")
    above = sum(vote.weight for vote in votes if len(vote.path) == depth and vote.witness not in rough)
    if not strong and step.own < 3:
        return False
    return share >= 0.65 and step.own >= 0.5 * above


def _evidence(votes: list[Vote], path: Path, texts: dict[Place, str]) -> list[Evidence]:
    """Up to four votes for the path, the strongest first, one for each distinct wording."""
    mine = [vote for vote in votes if vote.path[: len(path)] == path[: len(vote.path)]]
    mine.sort(key=lambda vote: (-min(len(vote.path), len(path)), -vote.weight, vote.start))
    found: dict[tuple[str, str], Evidence] = {}
    for vote in mine:
        quote = texts[vote.where][vote.start : vote.end]
        value = vote.path[min(len(vote.path), len(path)) - 1]
        item = Evidence(
            field="region",
            value=value,
            rule=vote.witness,
            quote=quote,
            start=vote.start,
            end=vote.end,
            where=vote.where,
            basis="stated" if vote.witness in ("agency", "dateline") else "inferred",
        )
        found.setdefault((vote.witness, quote), item)
        if len(found) == 4:
            break
    return list(found.values())


def label_region(draft: Draft) -> tuple[Path, Path, list[Evidence]]:
    """The place an article is about: today's path, the path of the day, and the evidence.

    Paths are GB/T 2260 codes from the province down to the deepest level that is sure; both are
    () and the evidence [] where no place is. Evidence counts code points in the title, in the
    body, or (where="record") in the publisher's name `draft.source`.
    """
    year = None
    if draft.date_min is not None and draft.date_max is not None:
        year = draft.date_min // 10_000
    votes = _votes(draft, year)
    path = _decide(votes)
    round_up = draft.title and ROUND_UP.search(fold(draft.title))
    if not path or (round_up and not any(v.where == "title" and v.path[0] == path[0] for v in votes)):
        return (), (), []
    texts: dict[Place, str] = {"body": draft.body, "title": draft.title or "", "record": draft.source or ""}
    deepest = [vote for vote in votes if vote.path[: len(path)] == path]
    place = max(deepest, key=lambda vote: (vote.place.until is not None, vote.weight)).place
    then = regions.path_then(place.code)[: len(path)]
    return path, then, _evidence(votes, path, texts)
