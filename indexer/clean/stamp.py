"""Stamp lines (来源:某某网 作者:某某 发布时间:2012-04-15 16:49:41) and what they say."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from indexer.clean.lines import Line
from mappings.text import fold

Kind = Literal["source", "outlet", "author", "date", "notice"]


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the furniture of a page says. The place is in the page.

    `source` is a publisher named as such, `outlet` one that merely stands in the stamp or at the
    head of the page, `notice` one that a copyright notice names.
    """

    kind: Kind
    text: str
    start: int
    end: int


OUTLET = (
    r"[\u4e00-\u9fff·]{2,14}?(?:新闻网|信息港|电视台|[日晚晨早周快]报|新报|时报|网|在线|之声|客户端|台|报|讯)"
)
"""The name of a publisher, where it stands alone."""

_DATE = r"(?<!\d)\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?!\d)(?:[\st]*\d{1,2}:\d{2}(?::\d{2})?)?"
_KEYS: dict[Kind, str] = {
    "source": "文章来源|信息来源|新闻来源|稿件来源|来源|稿源|出处",
    "author": "作者|记者|通讯员|撰稿人?|供稿|文/图|图/文|文",
    "date": "发布时间|发布日期|发表时间|发表日期|发稿时间|更新时间|更新日期|刊发时间|时间|日期",
}
_EDGE = r"(?:^|(?<=[\s\[(【|/]))"
_KEY = re.compile(
    _EDGE + "(?:" + "|".join(f"(?P<{kind}>{keys})" for kind, keys in _KEYS.items()) + r")\s*:\s*"
)
_ROLE = re.compile(_EDGE + r"(?:记者|通讯员)\s+(?P<name>[\u3400-\u9fff·]{2,6})")
_FULL_DATE = re.compile(_DATE)
_VALUE_ENDS = re.compile(
    rf"\s{{2,}}|[|\[\](){{}}【】]|(?={_DATE})|{_EDGE}(?:责任编辑|责编|编辑|审核|点击|浏览|阅读|字号|字体|颜色|打印|关闭|"
    r"分享|转发|收藏|我要|我来|返回|扫码|登录|您是|评论|繁体|简体)"
)
_BARE_OUTLET = re.compile(rf"(?:^|(?<=[\s|])){OUTLET}(?=$|[\s|])")
_READING = re.compile(r"\([a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹḿ]{1,6}\)")
_CLOSING = re.compile(
    r"^\((?:本[报网]|特约)?(?:记者|通讯员|作者|文/图|图/文|文|供稿)\s*[:/\s]\s*(?P<name>[^()。,;]{2,40})\)$"
)
_SENTENCE = re.compile(r"[。!?;,]")
_NOTICE = re.compile(
    r"(?:注明|标明|注有)[:\s]*[“\"「『]?\s*(?:来源|稿源)\s*:\s*(?P<name>[^”\"」』,。;\s()x]{2,20})"
)
_LENGTH = 160
_BESIDE_DATE = 40


def stamp_facts(line: Line) -> list[Fact]:
    """What a stamp line says; nothing where the line is none. An entry with nothing in it gives an
    empty Fact, for a stamp of nothing but such is still a stamp.
    """
    if len(line.text) > _LENGTH:
        return []
    if closing := _CLOSING.search(fold(line.text)):
        start, end = closing.span("name")
        return [Fact("author", line.text[start:end], line.start + start, line.start + end)]
    bare, places = without_readings(fold(line.text))
    keys, dates = list(_KEY.finditer(bare)), list(_FULL_DATE.finditer(bare))
    if not is_stamp(bare, keys, dates):
        return []

    def fact(kind: Kind, start: int, end: int) -> Fact:
        text = bare[start:end]
        start += len(text) - len(text.lstrip(" \t/,、:"))
        end -= len(text) - len(text.rstrip(" \t/,、:"))
        if start >= end:
            return Fact(kind, "", line.start, line.start)
        first, last = places[start], places[end - 1] + 1
        return Fact(kind, line.text[first:last], line.start + first, line.start + last)

    facts = [fact("date", *match.span()) for match in dates]
    for place, key in enumerate(keys):
        stop = keys[place + 1].start() if place + 1 < len(keys) else len(bare)
        cut = _VALUE_ENDS.search(bare, key.end(), stop)
        kind = next(kind for kind in _KEYS if kind == key.lastgroup)
        facts.append(fact(kind, key.end(), cut.start() if cut else stop))
    if not any(found.kind == "author" for found in facts):
        facts += [fact("author", *match.span("name")) for match in _ROLE.finditer(bare)]
    if not any(found.kind == "source" and found.text for found in facts):
        facts += [fact("outlet", *match.span()) for match in _BARE_OUTLET.finditer(bare)]
    return facts


def is_stamp(bare: str, keys: list[re.Match[str]], dates: list[re.Match[str]]) -> bool:
    """Whether a line is a stamp: it begins with a key, or holds a key beside a date, or is little
    more than a date. A sentence is none.
    """
    lead = bare[: keys[0].start()].strip(" \t[(【|") if keys else bare
    if keys and not lead:
        return True
    if not dates or _SENTENCE.search(_FULL_DATE.sub("", bare)):
        return False
    rest = len(bare) - sum(match.end() - match.start() for match in dates)
    return bool(keys) or bool(_BARE_OUTLET.search(bare)) or (dates[0].start() <= 1 and rest <= _BESIDE_DATE)


def without_readings(text: str) -> tuple[str, list[int]]:
    """A stamp line without the readings that clone sites put in brackets, and the place of each
    character that stayed.
    """
    places = list(range(len(text)))
    for match in reversed(list(_READING.finditer(text))):
        del places[match.start() : match.end()]
    return "".join(text[place] for place in places), places


def notice_facts(line: Line) -> list[Fact]:
    """The publisher that a copyright notice names."""
    match = _NOTICE.search(fold(line.text))
    if match is None:
        return []
    start, end = match.span("name")
    return [Fact("notice", line.text[start:end], line.start + start, line.start + end)]


def masthead_facts(line: Line) -> list[Fact]:
    """The publishers that a line above the article names."""
    return [
        Fact(
            "outlet",
            line.text[match.start() : match.end()],
            line.start + match.start(),
            line.start + match.end(),
        )
        for match in _MASTHEAD.finditer(fold(line.text))
    ]


_MASTHEAD = re.compile(
    rf"(?:^|(?<=[\s|_\-]))(?:欢迎(?:您)?(?:访问|光临|来到))?(?P<name>{OUTLET})(?=$|[\s|>·])"
)
