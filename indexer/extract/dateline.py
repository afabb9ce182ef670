"""The dateline at the head of a report: 四川新闻网自贡4月20日讯(王萦), 本报讯(记者 …)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mappings.text import fold

_OWN = "本[报网站刊台港社]"
_DATELINE = re.compile(
    rf"(?:^|\n)[\s【\[(]*(?P<line>(?P<outlet>{_OWN}|[\u4e00-\u9fff]{{2,12}}?(?:新闻网|信息港|日报|晚报|网|社|报|台|在线|讯))"
    r"(?P<place>[\u4e00-\u9fff]{2,8}?)?\s*(?:(?P<year>\d{4})年)?(?:(?P<month>\d{1,2})月(?P<day>\d{1,2})日)?"
    r"\s*(?:讯|电|消息|专电)[\])】]*)\s*[:,]?\s*(?:[(\[](?P<by>[^)\]\n]{1,60})[)\]])?"
)
_HEAD = 240
_ROLES = re.compile(
    r"(?:本[报网台站]|特约|实习|见习|首席|全媒体|融媒体)*(?:记者|通讯员|作者|撰稿人?|摄影|摄影报道|文/图|图/文)[:：]?"
)
_PART = re.compile(r"(?!和\s)[^\s、,，;；/|]+")
_NAME = re.compile(r"[\u3400-\u9fff·•]{2,12}")


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
    if match is None:
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


def names(text: str) -> tuple[str, ...]:
    """The persons in a by-line such as `记者 张某 通讯员 李某`, in its order.

    Names of two characters are often set with a space between them (佟 岩), so two lone characters
    in a row are one name.
    """
    folded = _ROLES.sub(lambda role: " " * len(role[0]), fold(text))
    found: list[str] = []
    alone = ""
    for part in _PART.finditer(folded):
        word = text[part.start() : part.end()]
        if len(word) == 1 and alone:
            found.append(alone + word)
            alone = ""
        else:
            alone = word if len(word) == 1 else ""
            found.append(word)
    return tuple(dict.fromkeys(name for name in found if _NAME.fullmatch(name)))
