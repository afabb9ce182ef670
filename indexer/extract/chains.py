"""Names of places in a text, joined into chains (天水市秦安县), each resolved to the place it means.

One automaton finds all names that places have or had, full and short, over folded text. What only
looks like a name (高玉林, 黄河南岸) is left out; what may mean several places is decided by those that
are sure.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache

from ahocorasick_rs import AhoCorasick, MatchKind

from indexer.extract.region_words import (
    AGENCY,
    ENDS_OTHERWISE,
    FEATURE,
    GENERIC_DISTRICTS,
    INTRODUCING,
    NEEDS_PARENT,
    NOT_SHORT,
    NOT_THE_PLACE,
    OFFICE,
    ONE_CHARACTER,
    PERSON_AFTER,
    RIVERS,
    SURNAMES,
    WORD_LIKE,
)
from mappings import regions
from mappings.article import Place
from mappings.regions import Region
from mappings.text import fold

Path = tuple[str, ...]

OLDEST = 1995
"""Names that went out of use before this year are not looked for: few pages are older."""

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


def find_chains(text: str, where: Place, year: int | None) -> list[Chain]:
    """The chains of place names in a folded text, in order; some not yet sure."""
    gazetteer = _gazetteer()
    chains: list[Chain] = []
    matches = gazetteer.automaton.find_matches_as_indexes(text)
    begins = {start for _, start, _ in matches}
    for index, start, end in matches:
        surface = gazetteer.surfaces[index]
        previous = chains[-1] if chains else None
        joined = previous is not None and previous.end == start
        if _is_something_else(surface, text, start, end, joined):
            continue
        if not surface.full and end not in begins and _is_feature(surface, text, end):
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


def _is_feature(surface: Surface, text: str, end: int) -> bool:
    """Whether a short name that no other name follows is part of a river's or a mountain's: 喀什河.

    Provinces give theirs to none; 河西 and 江岸 are also districts (武汉江岸).
    """
    if surface.level == "province" or text[end : end + 2] in NOT_SHORT:
        return False
    return FEATURE.match(text, end) is not None


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


def settle(chains: list[Chain], texts: dict[Place, str]) -> list[Chain]:
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
