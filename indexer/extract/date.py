"""The date of publication, as EDTF with its evidence.

Witnesses in order: the record, the publication stamp, the address, the dateline, and last what the
text takes for granted (events of a known year), which is an inference and marked `?`.
"""

from __future__ import annotations

import re
import tomllib
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from ahocorasick_rs import AhoCorasick

from indexer.clean import Cleaned
from indexer.extract.dateline import Dateline
from mappings.article import Basis, Evidence, Place
from mappings.text import fold

FIRST_YEAR = 1979
"""Nothing these corpora hold was published before; an earlier year is a misreading."""

_YMD = re.compile(r"(?<!\d)(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})\s*(?:月|[-/.])\s*(\d{1,2})(?!\d)")
_YM = re.compile(r"(?<!\d)(\d{4})\s*(?:年|[-/.])\s*(\d{1,2})(?!\d)(?!\s*(?:月|[-/.])\s*\d)")
_Y = re.compile(r"(?<!\d)(\d{4})\s*年")
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d{2})(\d{2})(\d{2})(?!\d)")
_NUMERAL = re.compile(
    r"([一二三四五六七八九〇零]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日"
)
_ADDRESS = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2})(?:[-/_.]?(?P<m>\d{2})[-/_.]?(?P<d>\d{2})|[-/_](?P<m1>\d{1,2})[-/_](?P<d1>\d{1,2}))(?=[/_.\-?]|$)"
)
_UNMARKED = re.compile(r"(\d{4})(?:(\d\d)(\d\d)(?:[01]\d|2[0-3])(?:[0-5]\d){0,2})?")
_EPOCH = re.compile(r"\d{10}(?:\d{3})?")
_GAP = re.compile(r"\s+(?=(?:z|utc|gmt|[+-]\d\d:?\d\d)$)")
_ZULU = re.compile(r"(?:z|utc|gmt)$")
_CHINA = timezone(timedelta(hours=8))
_DIGITS = {char: value for value, char in enumerate("〇一二三四五六七八九")} | {"零": 0}


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar date down to what is known: month and day may be None."""

    year: int
    month: int | None = None
    day: int | None = None

    def edtf(self) -> str:
        parts = [f"{self.year:04}", *(f"{part:02}" for part in (self.month, self.day) if part is not None)]
        return "-".join(parts)

    def bounds(self) -> tuple[int, int]:
        """The first and last day it can mean, yyyymmdd."""
        first = self.year * 10_000 + (self.month or 1) * 100 + (self.day or 1)
        month = self.month or 12
        return first, self.year * 10_000 + month * 100 + (self.day or monthrange(self.year, month)[1])


@dataclass(frozen=True, slots=True)
class DateLabel:
    """EDTF, its bounds (None where no year is known) and the evidence."""

    edtf: str
    bounds: tuple[int, int] | None
    evidence: Evidence


def parse_day(text: str, today: date) -> Day | None:
    """The first plausible date in a stamp, complete or not; None where there is none.

    Dates after `today` and before FIRST_YEAR are no dates of publication.
    """
    folded = fold(text)
    for pattern in (_YMD, _COMPACT, _NUMERAL, _YM, _Y):
        for match in pattern.finditer(folded):
            numbers = [number(group) for group in match.groups()]
            if day := plausible(today, *numbers):
                return day
    return None


def number(text: str) -> int:
    """A number in Arabic or Chinese digits (二〇一二, 十五)."""
    if text.isdecimal():
        return int(text)
    if "十" in text:
        tens, _, ones = text.partition("十")
        return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
    return int("".join(str(_DIGITS[char]) for char in text))


def plausible(today: date, year: int, month: int | None = None, day: int | None = None) -> Day | None:
    """The date, if the calendar has it and something can have been published on it."""
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        return None
    return Day(year, month, day) if year >= FIRST_YEAR and first <= today else None


def label_date(cleaned: Cleaned, dateline: Dateline | None, today: date) -> DateLabel | None:
    """The date of publication; None where nothing tells it."""
    return (
        from_record(cleaned, today)
        or from_stamp(cleaned, today)
        or from_address(cleaned, today)
        or from_dateline(cleaned, dateline, today)
        or from_events(cleaned, today)
    )


def labelled(day: Day, rule: str, where: Place, quote: str, start: int, basis: Basis = "stated") -> DateLabel:
    edtf = day.edtf() + ("?" if basis == "inferred" else "")
    evidence = Evidence("date", edtf, rule, quote, start, start + len(quote), where, basis)
    return DateLabel(edtf, day.bounds(), evidence)


def from_record(cleaned: Cleaned, today: date) -> DateLabel | None:
    said = cleaned.page.record.get("pubtime", "")
    day = from_machine(said, today) or parse_day(said, today)
    return labelled(day, "record", "record", said, 0) if day else None


def from_machine(said: str, today: date) -> Day | None:
    """The day in China of what machines write: digits without marks (20120619091200), a bare year, or
    an instant.
    """
    said = said.lower()
    if match := _UNMARKED.fullmatch(said):
        numbers = [int(group) for group in match.groups() if group]
        if day := plausible(today, *numbers):
            return day
    try:
        moment = instant(said)
    except (ValueError, OverflowError):
        return None
    return plausible(today, moment.year, moment.month, moment.day) if moment else None


def instant(said: str) -> datetime | None:
    """An instant, as China's clocks showed it: seconds or milliseconds since 1970, or a time with its
    offset from UTC; None for a time without one. Raises ValueError or OverflowError for anything else.
    """
    if _EPOCH.fullmatch(said):
        return datetime.fromtimestamp(int(said[:10]), _CHINA)
    moment = datetime.fromisoformat(_ZULU.sub("+00:00", _GAP.sub("", said)))
    return moment.astimezone(_CHINA) if moment.tzinfo else None


def from_stamp(cleaned: Cleaned, today: date) -> DateLabel | None:
    for fact in cleaned.facts:
        if fact.kind == "date" and (day := parse_day(fact.text, today)):
            return labelled(day, "stamp", "page", fact.text, fact.start)
    return None


def from_address(cleaned: Cleaned, today: date) -> DateLabel | None:
    address = cleaned.page.record.get("url", "")
    path = address.find("/", address.find("//") + 2)
    for match in _ADDRESS.finditer(address.partition("?")[0], max(path, 0)):
        month, day_of_month = match["m"] or match["m1"], match["d"] or match["d1"]
        if day := plausible(today, int(match["y"]), int(month), int(day_of_month)):
            return labelled(day, "address", "address", match[0], match.start())
    return None


def from_dateline(cleaned: Cleaned, dateline: Dateline | None, today: date) -> DateLabel | None:
    """A dateline's day; without a year it is EDTF `XXXX-04-20` and places the article in no year."""
    if dateline is None or dateline.month is None or dateline.day is None:
        return None
    quote = cleaned.body[dateline.start : dateline.end]
    if dateline.year is not None:
        day = plausible(today, dateline.year, dateline.month, dateline.day)
        return labelled(day, "dateline", "body", quote, dateline.start) if day else None
    if plausible(today, 2000, dateline.month, dateline.day) is None:  # a leap year: 2月29日 is a day
        return None
    edtf = f"XXXX-{dateline.month:02}-{dateline.day:02}"
    evidence = Evidence("date", edtf, "dateline", quote, dateline.start, dateline.end, "body", "stated")
    return DateLabel(edtf, None, evidence)


@cache
def events() -> tuple[AhoCorasick, tuple[int, ...]]:
    """The events that place a text in a year: an automaton over folded phrases, and their years."""
    data = tomllib.loads((Path(__file__).parent / "events.toml").read_text("utf-8"))
    phrases = [(fold(phrase), event["year"]) for event in data["event"] for phrase in event["phrases"]]
    return AhoCorasick([phrase for phrase, _ in phrases]), tuple(year for _, year in phrases)


def from_events(cleaned: Cleaned, today: date) -> DateLabel | None:
    """The year of the events that a text speaks of as fresh: two of them at least, all of one year,
    and no year in the text that is later. An inference.
    """
    automaton, years = events()
    body = fold(cleaned.body)
    matches = automaton.find_matches_as_indexes(body)
    found = {years[index]: (start, end) for index, start, end in matches}
    phrases = {index for index, _, _ in matches}
    if len(phrases) < 2 or len(found) != 1:
        return None
    ((year, (start, end)),) = found.items()
    if any(year < said <= today.year for said in years_in(body)):
        return None
    return labelled(Day(year), "events", "body", cleaned.body[start:end], start, "inferred")


def years_in(folded: str) -> Iterator[int]:
    return (int(match[1]) for match in _Y.finditer(folded))
