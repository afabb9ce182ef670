"""Writes mappings/regions.tsv: every place code since 1980, its names over time and its code today.

    python scripts/build_regions.py <reference folder> [mappings/regions.tsv]

`<reference folder>/regions` must hold `gb2260_mca/YYYYMM.tsv` (GB/T 2260 as published by the
Ministry of Civil Affairs, one file a revision) and `mumuy_list.json`, `mumuy_list2.json`,
`mumuy_history.json`, `mumuy_diff.json` (today's codes, all codes ever, links from old to new; MIT).
Names and years come from the revisions, today's codes and the links from the other files; where
a link is missing or runs in a circle, the place of the same name in the same province is taken.
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from pathlib import Path


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


GENERIC = words("城区 郊区 矿区 市区 东区 西区 南区 北区 中区 新区 港区 市中区 市辖区 新城区 县")
"""Names that so many places have had that the same name says nothing of the same place."""

BY_HAND = {
    "322501": "321000", "332201": "330500", "332202": "330400", "222601": "220300", "222602": "220400",
    "232481": "230900", "412401": "410500", "322502": "321200",  # county-level cities raised to prefectures
    "332229": "330500", "332230": "330400", "412404": "410500", "412411": "410500",  # their parts
    "660000": "650000", "662800": "659001",  # the 兵团 and its 石河子市
    "372123": "370681", "442326": "441882", "442333": "441800",  # 黄县 (龙口市), 连县 (连州市), 清远县
    "330202": "330203", "320212": "320211", "430504": "430500",  # 镇明区, 马山区, 桥头区, joined to others
    "222500": "220200", "352400": "350500", "422600": "420300", "512100": "510100", "513000": "511700",
    "542700": "540200", "342600": "340100|340200|340500", "341400": "340100|340200|340500",
    "371200": "370116|370117",  # prefectures
    "132433": "130632", "132434": "130638", "132435": "130629",  # counties of 雄安新区
    "442229": "460300", "460038": "460300", "460323": "460300", "460324": "460300", "469032": "460300",
    "469038": "460300", "710000": "830000",  # the islands of 三沙市; 台湾省
    "370223": "370211", "420321": "420304", "511721": "511703", "321011": "321003", "422323": "421281",
    "239002": "231000", "411023": "411003", "412624": "411003", "140421": "140404", "340221": "340210",
    "340721": "340706", "360421": "360404", "361121": "361104", "420621": "420607", "511521": "511504",
    "610321": "610304", "330621": "330603", "330721": "330703", "130521": "130503", "320222": "320205",
    "320624": "320612", "430221": "430212", "640321": "640502", "642123": "640502", "452226": "451302",
    "452129": "451402", "511122": "511402", "513001": "511702", "513021": "511703",  # counties made districts
}  # fmt: skip
"""Links that the tables lack or have wrong, each read off the history of the place."""

ERRATA = {("339007", "安徽省"), ("339008", "合肥市")}
"""Rows of the revisions that are slips: Zhejiang has no such places."""

JOINED = {"51": "50", "44": "46"}
"""Provinces that a part of left: Sichuan to Chongqing in 1997, Guangdong to Hainan in 1988."""

SUFFIX = re.compile(r"(?:自治)?[省市县区州盟旗]$|地区$|林区$|特区$")


def level_of(code: str) -> str:
    if code.endswith("0000"):
        return "province"
    return "prefecture" if code.endswith("00") else "county"


def read_revisions(folder: Path) -> tuple[dict[str, dict[str, list[int]]], list[str]]:
    """{code: {name: [years]}} and the revisions' dates (YYYYMM), oldest first."""
    names: dict[str, dict[str, list[int]]] = defaultdict(dict)
    files = sorted(folder.glob("[0-9]*.tsv"))
    if not files:
        raise SystemExit(f"no revisions in {folder}")
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines()[1:]:
            _, revision, code, name = line.split("\t")
            if (code, name) not in ERRATA:
                names[code].setdefault(name.strip(), []).append(int(revision[:4]))
    return names, [file.stem for file in files]


def synthetic_name(prefix: str) -> str:
    """The name of a level that the table leaves out: 110100 市辖区, 110200 县, 429000 …"""
    if prefix[:2] in ("81", "82"):
        return "分区"
    if prefix[:2] == "83":
        return "省辖县"
    if prefix[2:4] == "90":
        kind = "自治区" if prefix[:2] in ("15", "45", "54", "64", "65") else "省"
        return f"{kind}直辖县级行政区划"
    return {"01": "市辖区", "02": "县", "03": "县级市"}.get(prefix[2:4], "直辖")


class Links:
    """Where a code of the past lies today."""

    def __init__(self, names: dict[str, set[str]], today: dict[str, str], diff: dict[str, list[str]]) -> None:
        self.today, self.diff, self.names = today, diff, names
        self.same: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.stem: dict[tuple[str, str], list[str]] = defaultdict(list)
        for code, name in today.items():
            self.same[code[:2], name].append(code)
            self.stem[code[:2], SUFFIX.sub("", name)].append(code)

    def now(self, code: str, name: str) -> tuple[str, ...]:
        """Today's codes for the place that had this code under this name; () where unknown.

        The name goes before the links: codes were given again to other places (469025 was 定安县
        and is 白沙黎族自治县), and the links know only a code's last holder.
        """
        if code in BY_HAND:
            return tuple(BY_HAND[code].split("|"))
        if self.today.get(code) == name:
            return (code,)
        named = self._by_name(code, name)
        if named:
            return (named,)
        if code in self.today:
            return (code,)
        found = self._follow(code, set())
        return tuple(sorted(found)) or self._same_before(code, name)

    def _by_name(self, code: str, name: str) -> str | None:
        if name in GENERIC:
            return None
        provinces = [p for p in (code[:2], JOINED.get(code[:2])) if p]
        for province in provinces:
            hits = self.same[province, name]
            if name.endswith("区") and province == code[:2] and not re.fullmatch(r"11|12|31|50", province):
                hits = [c for c in hits if c[:4] == code[:4]]
            if len(hits) == 1 and not (level_of(code) == "prefecture" and level_of(hits[0]) == "county"):
                return hits[0]
        stem = SUFFIX.sub("", name)
        if len(stem) > 1 and re.search(r"[县市旗盟]$|地区$", name):
            for province in provinces:
                hits = [c for c in self.stem[province, stem] if level_of(c) == level_of(code)]
                if len(hits) == 1:
                    return hits[0]
        return None

    def _follow(self, code: str, seen: set[str]) -> set[str]:
        if code in self.today:
            return {code}
        if code in seen:
            return set()
        seen.add(code)
        found: set[str] = set()
        for link in self.diff.get(code, []):
            if link[:2] in (code[:2], JOINED.get(code[:2])):
                found |= self._follow(link, seen)
        return found

    def _same_before(self, code: str, name: str) -> tuple[str, ...]:
        """By another old code of the same name: 滁县 was 341123 and 342323."""
        for other, names in self.names.items():
            if other != code and other[:2] == code[:2] and name in names and name not in GENERIC:
                found = self._follow(other, set())
                if found:
                    return tuple(sorted(found))
        return ()


Rows = dict[tuple[str, str], tuple[str, str]]
"""{(code, name): (first year, last year)}, years as written in the file."""


def bare(name: str) -> str:
    """The name without a remark in brackets."""
    return re.sub(r"\(.*\)", "", name)


def collect(names: dict[str, dict[str, list[int]]], today: dict[str, str], ever: dict[str, str]) -> Rows:
    """Every code under every name, with the years that are known."""
    rows: Rows = {}
    for code, spans in names.items():
        for name, years in spans.items():
            rows[code, name] = (str(min(years)), "" if today.get(code) == name else str(max(years)))
    for code, name in today.items():
        rows.setdefault((code, name), ("" if code[:2] in ("81", "82", "83") else "2020", ""))
    dated = {code for code, _ in rows}
    for code, name in ever.items():
        if code not in dated:  # no revision has it: its years are not known
            rows[code, bare(name)] = ("", "")
    return rows


def add_levels(rows: Rows, today: dict[str, str]) -> None:
    """Rows for the levels that have codes below them and no place of their own (110100, 429000)."""
    codes = {code for code, _ in rows}
    for code in {code[:4] + "00" for code in codes} - codes:
        rows[code, synthetic_name(code)] = ("", "")
        today[code] = synthetic_name(code)
    used = {code[:4] for code in today if not code.endswith("00")}
    for code in codes - set(today):
        if re.fullmatch(r"\d\d(?:0[1-3]|90)00", code) and code[:4] in used:
            for old in [key for key in rows if key[0] == code]:
                del rows[old]
            today[code] = synthetic_name(code)
            rows[code, today[code]] = ("", "")


def build(reference: Path) -> str:
    """The text of regions.tsv."""
    folder = reference / "regions"
    names, revisions = read_revisions(folder / "gb2260_mca")
    table = {k: json.loads((folder / f"mumuy_{k}.json").read_text("utf-8")) for k in TABLES}
    listed = {code: bare(name) for code, name in table["list"].items()}
    # development zones (…7x) are left out; 雄安新区 and the districts of 大兴安岭 work as places do
    extra = {c: n for c, n in table["list2"].items() if c not in listed and c[4] != "7" and c != "650091"}
    working = {c: n for c, n in extra.items() if c == "133100" or c.startswith("23276")}
    today = listed | working
    rows = collect(names, today, {**table["history"], **extra})
    add_levels(rows, today)
    used = {code[:4] for code in today if not code.endswith("00")}
    named: dict[str, set[str]] = defaultdict(set)
    for code, name in rows:
        named[code].add(name)
    links = Links(named, today, table["diff"])
    lines, lost = [], 0
    for (code, name), (since, until) in sorted(rows.items()):
        now = links.now(code, name)
        if now == (code,) and code not in listed and code not in working and code[:4] not in used:
            now = ()  # a level that nothing lies in today
        lost += not now
        lines.append("\t".join((code, name, level_of(code), since, until, "|".join(now))))
    print(f"{len(lines)} rows, {len(named)} codes, {lost} without a code of today", file=sys.stderr)
    span = f"{len(revisions)} revisions ({revisions[0]} to {revisions[-1]})"
    return HEAD.format(span=span) + "\n".join(lines) + "\n"


TABLES = ("list", "list2", "history", "diff")
HEAD = """\
# Places of China: codes and names since 1980. Written by scripts/build_regions.py; do not edit.
# Names and years: GB/T 2260 as published by the Ministry of Civil Affairs, a public standard,
# {span}. Codes of 2026 and links from old codes to new:
# github.com/mumuy/data_location, MIT licence, Copyright (c) 2024 Haole Zheng.
# since: first year seen (1980: or earlier; 2020: after the last revision; empty: not known).
# until: last year seen; empty: in force today, or not known.
# now: today's code, `|` between the parts of a place that was split; empty: not known.
code\tname\tlevel\tsince\tuntil\tnow
"""


def main(arguments: list[str]) -> None:
    if not 1 <= len(arguments) <= 2:
        raise SystemExit(__doc__)
    target = Path(arguments[1]) if len(arguments) == 2 else Path(__file__).parents[1] / "mappings/regions.tsv"
    target.write_text(build(Path(arguments[0])), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
