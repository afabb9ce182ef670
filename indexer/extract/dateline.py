"""The dateline at the head of a report: 四川新闻网自贡4月20日讯(王萦), 本报讯(记者 …)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mappings import regions
from mappings.text import fold

_OWN = "本[报网站刊台港社]"
_NO_OUTLET = r"据|根据|另据|接|从(?!化)|在|由|经(?!济)|当地|有关"
"""How a sentence begins that tells where news came from: 据…消息, 通过…消息."""
_NO_NAME = r"通过|民警|记者|发现|举报|通报|报警"
"""What no outlet has in its name."""
_SUFFIX = (
    r"(?:新闻网|信息港|日报|晚报|(?<![联落上官电])网(?![络民友站页])|(?<=[华新闻讯联透斯同通])社|"
    r"(?<![举通情预捷汇申警谎回填喜])报|(?<=[电视播央])台|在线|讯)"
)
_DATELINE = re.compile(
    rf"(?:^|\n)[\s【\[(]*(?P<line>"
    rf"(?P<outlet>{_OWN}|(?!{_NO_OUTLET})(?:(?!{_NO_NAME})[\u4e00-\u9fff]){{2,12}}?{_SUFFIX})"
    r"(?P<place>[\u4e00-\u9fff]{2,8}?)?\s*(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月(?P<day>\d{1,2})日)?"
    # 消息 of a sentence runs on (消息发布), that of a dateline is set off
    r"\s*(?:讯|电|消息|专电)(?=[\s()\[\]【】:,—-]|$)[\])】]*)"
    r"\s*[:,]?\s*(?:[(\[](?P<by>[^)\]\n]{1,60})[)\]])?"
)
_HEAD = 240


@dataclass(frozen=True, slots=True)
class Dateline:
    """A dateline: its place in the body, the outlet (None for 本报 and the like), what it says of the
    day, and the span of the by-line in brackets behind it.
    """

    start: int
    end: int
    outlet: str | None
    outlet_span: tuple[int, int]
    year: int | None
    month: int | None
    day: int | None
    by: tuple[int, int] | None


def find_dateline(body: str) -> Dateline | None:
    """The dateline in the first lines of a body; None where there is none."""
    match = _DATELINE.search(fold(body[:_HEAD]))
    if match is None or not _is_set_in_place(match):
        return None
    start, end = match.span("outlet")
    own = re.fullmatch(_OWN, match["outlet"]) is not None
    numbers = {name: int(match[name]) if match[name] else None for name in ("year", "month", "day")}
    return Dateline(
        start=match.start("line"),
        end=match.end("line"),
        outlet=None if own else body[start:end],
        outlet_span=(start, end),
        by=match.span("by") if match["by"] else None,
        **numbers,
    )


def _is_set_in_place(match: re.Match[str]) -> bool:
    """Whether what stands between outlet and 讯 is a place: with no day beside it only a known one is."""
    return match["place"] is None or match["month"] is not None or regions.is_name(match["place"])
