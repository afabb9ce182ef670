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
_PLAIN_ENDS = "新闻网|信息港|电视台|[日晚晨早周快]报|时报|在线|客户端"
PLAIN_OUTLET = rf"(?:[\u4e00-\u9fff·]{{2,14}}?(?:{_PLAIN_ENDS})|人民网|新华网|中新网)"
"""One that can be nothing else: 平安网 and 喜讯 end headlines too."""

_DATE = r"(?<!\d)\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}\s*日?(?!\d)(?:[\st]*\d{1,2}:\d{2}(?::\d{2})?)?"
_KEYS: dict[Kind, str] = {
    "source": "文章来源|信息来源|新闻来源|稿件来源|来源|稿源|出处",
    "author": "作者|记者|通讯员|撰稿人?|供稿|文/图|图/文|文",
    "date": "发布时间|发布日期|发表时间|发表日期|发稿时间|更新时间|更新日期|刊发时间|时间|日期",
}
_EDGE = r"(?:^|(?<=[\s\[(【|/,;]))"
_KEY = re.compile(
    _EDGE + "(?:" + "|".join(f"(?P<{kind}>{keys})" for kind, keys in _KEYS.items()) + r")\s*:\s*"
)
_LEAD = re.compile(rf"^[\[(【|\s]*(?:(?P<key>{'|'.join(_KEYS.values())})\s*:|{_DATE})")
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
    r"(?:注明|标明|注有)[:\s“\"「『]{0,9}(?:来源|稿源)\s{0,9}:\s{0,9}(?P<name>[^”\"」』,。;\s()x]{2,20})"
)
_LENGTH = 160
_NOTICE_LENGTH = 1000
_BESIDE_DATE = 40
"""Characters that a line with a bare date can hold beside it."""
_BESIDE_KEYS = 80
"""Characters that a line with keys can hold that belong to none of them (浏览次数, 字号, 打印)."""
_LONGEST_VALUE = 40
_PUBLISHED = re.compile(r"^(?:发|更新|刊发)")
_DAY = re.compile(r"[\d〇零一二三四五六七八九十\s年月日号时分秒点/\-.:t星期周天上下午()\[\]]*")
_NAME_LIST = re.compile(
    r"(?:[\u3400-\u9fff]{1,4}|[\u3400-\u9fff]{1,8}(?:·[\u3400-\u9fff]{1,8}){1,3}|[a-z][a-z0-9_.\-]{0,19})"
    r"(?:[\s、,/|&和]+(?=\S)|$)"
)
_ROLES = re.compile(
    r"(?:本[报网台站社]|特约|实习|见习|全媒体|融媒体)*(?:记者|通讯员|作者|摄影|文/图|图/文)[\s:]*"
)
_TOOLS = re.compile(
    r"[\[(【|]?\s?(?:我要评论|我来说两句|责任编辑|责编|编辑|点击|浏览|阅读|字号|字体|打印|关闭|分享|转发|收藏|纠错|评论)"
    r"(?:次数|本页|窗口|[数量到至])?(?:\s*[\[(【|:].*|\s+.*|[\])】].*|$)"
)
_WEEKDAY = re.compile(r"星期[一二三四五六日天]|周[一二三四五六日]|\d{1,2}:\d{2}(?::\d{2})?|[\s|\[\]()【】]")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A line that reads like a stamp. `lead` is what it begins with; `full`: two kinds of fact stand
    in it, so that it can hardly be anything else; `closes`: it can end an article too.
    """

    facts: tuple[Fact, ...]
    lead: str
    full: bool
    closes: bool


@dataclass(frozen=True, slots=True)
class _Entry:
    """A key of a stamp line with its value, as places in the line."""

    kind: Kind
    key: str
    place: int
    start: int
    end: int


def read_stamp(line: Line) -> Stamp | None:
    """A line as a stamp; None where it reads like text. An entry with nothing in it gives an empty
    Fact, for a stamp of nothing but such is still a stamp.
    """
    if len(line.text) > _LENGTH:
        return None
    folded = fold(line.text)
    if (closing := _CLOSING.search(folded)) and is_names(closing["name"]):
        start, end = closing.span("name")
        fact = Fact("author", line.text[start:end], line.start + start, line.start + end)
        return Stamp((fact,), "closing", full=False, closes=True)
    bare, places = without_readings(folded)
    listed, dates = entries(bare), [match.span() for match in _FULL_DATE.finditer(bare)]
    if not (is_keyed(bare, listed, dates) if listed else is_dated(bare, dates)):
        return None
    named = any(entry.kind in ("source", "author") for entry in listed)
    return Stamp(
        tuple(said(line, bare, places, listed, dates)),
        lead_of(line),
        full=(named and bool(dates)) or len({entry.kind for entry in listed}) > 1,
        closes=named or any(_PUBLISHED.search(entry.key) for entry in listed),
    )


def lead_of(line: Line) -> str:
    """What a line begins with: a key of stamps, "date", or nothing of the kind."""
    match = _LEAD.search(fold(line.text[:_BESIDE_DATE]))
    return (match["key"] or "date") if match else ""


def entries(bare: str) -> list[_Entry]:
    """The keys of a line with their values."""
    keys = list(_KEY.finditer(bare))
    found = []
    for number, key in enumerate(keys, 1):
        stop = keys[number].start() if number < len(keys) else len(bare)
        cut = _VALUE_ENDS.search(bare, key.end(), stop)
        kind = next(kind for kind in _KEYS if kind == key.lastgroup)
        found.append(_Entry(kind, key[kind], key.start(), key.end(), cut.start() if cut else stop))
    return found


def is_keyed(bare: str, listed: list[_Entry], dates: list[tuple[int, int]]) -> bool:
    """Whether a line with keys is a stamp: it begins with one or holds a date beside it, each value
    is of its kind, and nothing in it is a sentence.
    """
    several = len({entry.kind for entry in listed}) > 1 or bool(dates)
    if bare[: listed[0].place].strip(" \t[(【|") and not dates:
        return False
    if not all(is_value(entry, bare[entry.start : entry.end], several) for entry in listed):
        return False
    rest = without(bare, [*dates, *((entry.place, entry.end) for entry in listed)])
    if all(entry.kind == "date" and not _PUBLISHED.search(entry.key) for entry in listed):
        return is_plain(rest)
    return not _SENTENCE.search(rest) and len(rest.strip()) <= _BESIDE_KEYS


def is_value(entry: _Entry, value: str, several: bool) -> bool:
    """Whether the value of a key is of its kind; in a line of several a publisher's or an author's
    name can be any short one (作者:某县公安局).
    """
    value = value.strip(" \t/,、:;")
    if not value:
        return True
    if entry.kind == "date":
        published = bool(_PUBLISHED.search(entry.key)) or several
        return bool(_DAY.fullmatch(value)) and (published or bool(_FULL_DATE.match(value)))
    if entry.kind == "author" and is_names(value):
        return True
    plain = len(value) <= _LONGEST_VALUE and not _SENTENCE.search(value)
    return plain and (several or entry.kind == "source")


def is_names(text: str) -> bool:
    """Whether words read as a list of names: 张三 李四, 冯 川, 本报记者 古丽·买买提."""
    text = _ROLES.sub("", text.strip(" \t/,、:;"))
    place = 0
    while place < len(text):
        name = _NAME_LIST.match(text, place)
        if not name:
            return False
        place = name.end()
    return True


def is_dated(bare: str, dates: list[tuple[int, int]]) -> bool:
    """Whether a line without keys is a stamp: it begins with a date, or names who publishes."""
    rest = without(bare, dates)
    return bool(dates) and is_plain(rest) and (dates[0][0] <= 1 or bool(_BARE_OUTLET.search(rest)))


def is_plain(beside: str) -> bool:
    """Whether beside a date nothing stands but a publisher or a reporter, the time, the site's tools."""
    if _SENTENCE.search(beside) or len(beside.strip()) > _BESIDE_DATE:
        return False
    if _BARE_OUTLET.search(beside) or _ROLE.search(beside):
        return True
    return not _WEEKDAY.sub("", _TOOLS.sub("", beside))


def without(text: str, spans: list[tuple[int, int]]) -> str:
    """A text with blanks in some places."""
    for start, end in spans:
        text = text[:start] + " " * (end - start) + text[end:]
    return text


def said(
    line: Line, bare: str, places: list[int], listed: list[_Entry], dates: list[tuple[int, int]]
) -> list[Fact]:
    """The facts of a stamp line. `places` tells where each character of `bare` stands in it."""

    def fact(kind: Kind, start: int, end: int) -> Fact:
        text = bare[start:end]
        start += len(text) - len(text.lstrip(" \t/,、:;"))
        end -= len(text) - len(text.rstrip(" \t/,、:;"))
        if start >= end:
            return Fact(kind, "", line.start, line.start)
        first, last = places[start], places[end - 1] + 1
        return Fact(kind, line.text[first:last], line.start + first, line.start + last)

    facts = [fact("date", *span) for span in dates]
    facts += [fact(entry.kind, entry.start, entry.end) for entry in listed]
    if not any(found.kind == "author" for found in facts):
        facts += [fact("author", *match.span("name")) for match in _ROLE.finditer(bare)]
    if not any(found.kind == "source" and found.text for found in facts):
        facts += [fact("outlet", *match.span()) for match in _BARE_OUTLET.finditer(bare)]
    return facts


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
    match = _NOTICE.search(fold(line.text[:_NOTICE_LENGTH]))
    if match is None:
        return []
    start, end = match.span("name")
    return [Fact("notice", line.text[start:end], line.start + start, line.start + end)]


def masthead_facts(line: Line) -> list[Fact]:
    """The publishers that a line above the article names."""
    if len(line.text) > _LENGTH:
        return []
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
