"""Places of China by GB/T 2260: codes, names and years, of the day and of today.

The data is regions.tsv, written by scripts/build_regions.py, which records its sources. A code
has six digits: two for the province, two for the prefecture, two for the county. A place's path
is its codes from the province down: 620522 is ("620000", "620500", "620522").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Level = Literal["province", "prefecture", "county"]

_FILE = Path(__file__).with_name("regions.tsv")


@dataclass(frozen=True, slots=True)
class Region:
    """A code under one of its names.

    `since` and `until` are the first and last year in which the standard had this name for this
    code (years of revisions, so a change shows up to a year late); `until` is None for a name of
    today, both are None where no year is known. `now` is today's code for the place, several if
    it was split, none if not known.
    """

    code: str
    name: str
    level: Level
    since: int | None
    until: int | None
    now: tuple[str, ...]

    @property
    def current(self) -> bool:
        """Whether this is a code and a name of today."""
        return self.until is None and self.now == (self.code,)


_LEVELS: dict[str, Level] = {"province": "province", "prefecture": "prefecture", "county": "county"}


@cache
def all_names() -> tuple[Region, ...]:
    """Every code under every name it has had, in the order of codes."""
    rows = []
    for line in _FILE.read_text(encoding="utf-8").splitlines():
        if line[:1].isdigit():
            code, name, level, since, until, now = line.split("\t")
            years = (int(since) if since else None, int(until) if until else None)
            rows.append(Region(code, name, _LEVELS[level], *years, tuple(now.split("|")) if now else ()))
    return tuple(rows)


@cache
def _by_code() -> dict[str, tuple[Region, ...]]:
    """The names of each code, today's or the latest one last."""
    found: dict[str, tuple[Region, ...]] = {}
    for row in all_names():
        found[row.code] = (*found.get(row.code, ()), row)
    return {code: tuple(sorted(rows, key=_age)) for code, rows in found.items()}


def _age(row: Region) -> tuple[bool, int, int]:
    return row.current, row.until or 0, row.since or 0


def _latest(code: str) -> Region:
    try:
        return _by_code()[code][-1]
    except KeyError:
        raise KeyError(f"no place has had the code {code!r}") from None


def known(code: str) -> bool:
    """Whether any place has had this code since 1980."""
    return code in _by_code()


def level(code: str) -> Level:
    """The level of a code. Raises KeyError for a code that no place has had."""
    return _latest(code).level


def _ancestry(code: str) -> tuple[str, ...]:
    codes = dict.fromkeys((f"{code[:2]}0000", f"{code[:4]}00", code))
    return tuple(item for item in codes if item in _by_code())


def path_then(code: str) -> tuple[str, ...]:
    """The path in the codes of the day: ("530000", "533400", "533421") for 中甸县.

    Raises KeyError for a code that no place has had.
    """
    _latest(code)
    return _ancestry(code)


@cache
def path_of(region: Region) -> tuple[str, ...]:
    """Today's path of the place that had this code under this name.

    A place that was split is followed as far down as its parts have in common; of one that is
    not known to lie anywhere today, only what today's codes still have of its own path.
    """
    paths = [_ancestry(code) for code in region.now]
    if not paths:
        own = _ancestry(region.code)
        return tuple(code for code in own if code in _latest(code).now)
    common: list[str] = []
    for codes in zip(*paths, strict=False):
        if len(set(codes)) > 1:
            break
        common.append(codes[0])
    return tuple(common)


def now(code: str) -> tuple[str, ...]:
    """Today's codes for a code of any day: several where the place was split, itself where none is known.

    Raises KeyError for a code that no place has had.
    """
    return _latest(code).now or (code,)


@cache
def path(code: str) -> tuple[str, ...]:
    """Today's path for any code, an old one being followed: 533421 gives (530000, 533400, 533401).

    Raises KeyError for a code that no place has had.
    """
    return path_of(_latest(code))


@cache
def name(code: str) -> str:
    """The name today: 香格里拉市 for 533401, and for 533421, which became it.

    For a place that was split or is gone, its last name. Raises KeyError for an unknown code.
    """
    latest = _latest(code)
    if len(latest.now) == 1 and latest.now[0] != code:
        return _latest(latest.now[0]).name
    return latest.name


_NOMINAL = re.compile(r"市辖区|县|县级市|分区|省辖县|.*直辖.*")


@cache
def is_nominal(code: str) -> bool:
    """Whether a code is of a level that is no place, such as 市辖区: it only holds counties together.

    Raises KeyError for a code that no place has had.
    """
    return _NOMINAL.fullmatch(_latest(code).name) is not None


@cache
def _written() -> frozenset[str]:
    names = {row.name for row in all_names() if not _NOMINAL.fullmatch(row.name)}
    return frozenset(names.union(*map(short_names, names)))


def is_name(text: str) -> bool:
    """Whether a place has or had this name, in full or in short."""
    return text in _written()


# How names are shortened. The peoples named in the names of autonomous places; longer ones first,
# so that 柯尔克孜 is not cut at a shorter one.
_PEOPLES = re.compile(
    "(?:柯尔克孜族?|维吾尔族?|哈萨克族?|蒙古族?|塔吉克族?|锡伯族?|达斡尔族|鄂温克族|各族|朝鲜族|布依族|土家族|哈尼族|"
    "傈僳族|拉祜族|纳西族|景颇族|布朗族|毛南族|仫佬族|仡佬族|撒拉族|裕固族|保安族|东乡族|普米族|独龙族|壮族|回族|"
    "藏族|苗族|侗族|彝族|瑶族|白族|傣族|黎族|佤族|畲族|水族|羌族|怒族|满族|土族)+$"
)
_ENDING = re.compile(r"(?:特别行政区|自治[区州县旗]|地区|(?<=..)林区|特区|[省市县区盟旗])$")
_CUSTOMARY = {
    "内蒙古自治区": ("内蒙",),
    "浦东新区": ("浦东",),
    "锡林郭勒盟": ("锡盟",),
    "巴音郭楞蒙古自治州": ("巴州",),
    "博尔塔拉蒙古自治州": ("博州",),
    "克孜勒苏柯尔克孜自治州": ("克州",),
    "达尔罕茂明安联合旗": ("达茂旗", "达茂"),
    "喀喇沁左翼蒙古族自治县": ("喀左县", "喀左"),
    "前郭尔罗斯蒙古族自治县": ("前郭县", "前郭"),
    "杜尔伯特蒙古族自治县": ("杜蒙县",),
    "莫力达瓦达斡尔族自治旗": ("莫力达瓦旗", "莫旗"),
    "察哈尔右翼前旗": ("察右前旗",),
    "察哈尔右翼中旗": ("察右中旗",),
    "察哈尔右翼后旗": ("察右后旗",),
    "科尔沁左翼中旗": ("科左中旗",),
    "科尔沁左翼后旗": ("科左后旗",),
    "科尔沁右翼前旗": ("科右前旗",),
    "科尔沁右翼中旗": ("科右中旗",),
    "鄂托克前旗": ("鄂前旗",),
}


@cache
def short_names(name: str) -> tuple[str, ...]:
    """How people shorten a place's name, most specific first: 黔东南苗族侗族自治州 gives 黔东南州, 黔东南.

    Names of a single character are left out. Short names are not unique (长沙 is a city and a
    county), nor always names (和平); who uses them must look at what stands around them.
    """
    found = list(_CUSTOMARY.get(name, ()))
    ending = _ENDING.search(name)
    if ending:
        stem = name[: ending.start()]
        if ending[0].startswith("自治"):
            bare = _PEOPLES.sub("", stem)
            stem = bare if len(bare) > 1 else stem.removesuffix("族")
            if ending[0] != "自治区":
                found.append(stem + ending[0][-1])
        if len(stem) > 1:
            found.append(stem)
    return tuple(dict.fromkeys(found))
