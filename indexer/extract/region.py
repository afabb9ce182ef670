"""Which place an article is about, with the words that say so.

Each chain of names (天水市秦安县) is a vote for its path, weighed by its witness: an agency's name
(秦安县公安局), the dateline, the title, the publisher, a mere mention. The votes go down the tree of
places level by level and stop where no place is clearly ahead: a shallower level, or none, is better
than a wrong one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from indexer.extract.chains import Chain, Path, find_chains, settle
from indexer.extract.region_words import PUBLISHER, ROUND_UP
from mappings import regions
from mappings.article import Evidence, Place
from mappings.text import fold

if TYPE_CHECKING:
    from indexer.extract.draft import Draft
    from mappings.regions import Region

Witness = Literal["agency", "dateline", "source", "title", "mention"]

HEAD, TAIL = 200, 60
"""Code points at the start and the end of a body within which an agency is likely the issuer."""

WEIGHT: dict[Witness, float] = {"dateline": 5.0, "agency": 2.0, "title": 3.0, "source": 2.0, "mention": 1.0}
ISSUER = 2.5
"""Factor on an agency named in the title, the head or the tail."""
SHORT = 0.8
"""Factor on a mention by a short name."""
CAPITAL = 0.2
"""Factor on a bare 北京, which is where national news happens."""


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
        path = _placed(path[:2])
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
        found = find_chains(text, where, year)
        if where == "body" and (outlet := draft.outlet):  # a publisher's name is a witness only as such
            found = [chain for chain in found if not outlet[0] <= chain.start < outlet[1]]
        chains += found
    return [_weigh(chain, draft, texts[chain.where]) for chain in settle(chains, texts)]


def _place_of_publisher(source: str) -> str:
    """The part of a publisher's name before what makes it one: 甘肃 of 甘肃政法网."""
    return PUBLISHER.sub("", source)


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
    return _placed(tuple(path))


def _placed(path: Path) -> Path:
    """The path up to its last place: what lies in 市辖区 and in no county is in the whole city."""
    while path and regions.is_nominal(path[-1]):
        path = path[:-1]
    return path


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


def _evidence(votes: list[Vote], path: Path, draft: Draft) -> list[Evidence]:
    """Up to four votes for the path, the strongest first, one for each distinct wording."""
    mine = [vote for vote in votes if vote.path[: len(path)] == path[: len(vote.path)]]
    mine.sort(key=lambda vote: (-min(len(vote.path), len(path)), -vote.weight, vote.start))
    found: dict[tuple[str, str], Evidence] = {}
    for vote in mine:
        item = _quoted(vote, path, draft)
        found.setdefault((vote.witness, item.quote), item)
        if len(found) == 4:
            break
    return list(found.values())


def _quoted(vote: Vote, path: Path, draft: Draft) -> Evidence:
    texts = {"body": draft.body, "title": draft.title or "", "record": draft.source or ""}
    quote = texts[vote.where][vote.start : vote.end]
    start, where = vote.start, vote.where
    if vote.witness == "source" and draft.source_evidence:
        quote, start, where = _in_source(quote, draft.source_evidence)
    return Evidence(
        field="region",
        value=_placed(vote.path[: len(path)])[-1],
        rule=vote.witness,
        quote=quote,
        start=start,
        end=start + len(quote),
        where=where,
        basis="stated" if vote.witness in ("agency", "dateline") else "inferred",
    )


def _in_source(quote: str, source: Evidence) -> tuple[str, int, Place]:
    """Where words of the publisher's name stand; the whole name where it was printed otherwise."""
    at = source.quote.find(quote)
    return (quote, source.start + at, source.where) if at >= 0 else (source.quote, source.start, source.where)


def label_region(draft: Draft) -> tuple[Path, Path, list[Evidence]]:
    """The place an article is about: today's path, the path of the day, and the evidence.

    Paths are GB/T 2260 codes from the province down to the deepest level that is sure; both are
    () and the evidence [] where no place is. Evidence counts code points in the title, in the
    body, or where the publisher stands (in `draft.source` where `source_evidence` does not say).
    """
    year = None
    if draft.date_min is not None and draft.date_max is not None:
        year = draft.date_min // 10_000
    votes = _votes(draft, year)
    path = _decide(votes)
    round_up = draft.title and ROUND_UP.search(fold(draft.title))
    if not path or (round_up and not any(v.where == "title" and v.path[0] == path[0] for v in votes)):
        return (), (), []
    deepest = [vote for vote in votes if vote.path[: len(path)] == path]
    place = max(deepest, key=lambda vote: (vote.place.until is not None, vote.weight)).place
    then = _placed(regions.path_then(place.code)[: len(path)])
    return path, then, _evidence(votes, path, draft)
