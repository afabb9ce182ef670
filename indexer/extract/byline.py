"""The persons of a by-line: `记者 张某 通讯员 李某`, or bare names in brackets behind a dateline."""

from __future__ import annotations

import re

from indexer.extract.region_words import SURNAMES
from mappings import regions
from mappings.text import fold

_ROLES = re.compile(
    r"(?:本[报网台站]|特约|实习|见习|首席|全媒体|融媒体)*(?:记者|通讯员|作者|撰稿人?|摄影|摄影报道|文/图|图/文)[:：]?"
)
_PART = re.compile(r"(?!和\s)[^\s、,，;；/|]+")
_NAME = re.compile(r"[\u3400-\u9fff·•]{2,12}")
_SHAPE = re.compile(r"[\u3400-\u9fff]{2,4}|[\u3400-\u9fff]+(?:[·•][\u3400-\u9fff]+)+")
_FURTHER = frozenset(
    "于余卓佟关岳申耿左聂柳符牟尚柴焦党包鲍费詹凌霍甘项祝纪欧舒游阮蓝路靳辛管解车冷卞滕任向袁华司曲戚敖冉谷盛童岑卫邬裴饶"
    "朴古权玄宁苗闫翁骆缪单窦晏景鄢涂简连练褚娄庄柏蒙韦覃隋冼邝植麦莫喻应池巫尤仲房巩仇栾甄郎桑匡狄沙满麻裘屈木"
)
"""Surnames beside those of the places' rules, where a name before a place matters more."""
_COMPOUND = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "令狐", "司徒", "夏侯", "慕容")
_NO_PERSON = re.compile(
    r"新闻|联播|访谈|报道|发自|频道|栏目|节目|专题|直播|播报|快讯|视点|时空|在线|观察|周刊|之声|卫视|央视|资料|综合|来源|"
    r"转载|编辑|视频|图片|组图|供稿|高清|连线|简讯|通讯$|解说|文字|评论|时评|节选|下转|上接|党组|党委|[网台社报版局所队站族组]$"
)


def names(text: str) -> tuple[str, ...]:
    """The names in a by-line such as `记者 张某 通讯员 李某`, in its order.

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


def by_line(text: str) -> tuple[str, ...]:
    """The persons that words in brackets behind a dateline name.

    Beside a role (记者) whatever has the shape of a name is one. Without it the brackets may as well
    hold a programme (新闻联播): then all of it must be names that begin with a surname.
    """
    found = names(text)
    if _ROLES.search(fold(text)):
        return tuple(name for name in found if _SHAPE.fullmatch(name) and not _NO_PERSON.search(fold(name)))
    return found if all(map(is_person, found)) else ()


def is_person(name: str) -> bool:
    """Whether a name is a person's by itself."""
    folded = fold(name)
    if _NO_PERSON.search(folded) or regions.is_name(folded) or not _SHAPE.fullmatch(folded):
        return False
    if not folded.isalnum() or (folded.startswith(_COMPOUND) and len(folded) > 2):
        return True  # 买买提·艾力, 欧阳某某
    return len(folded) < 4 and (folded[0] in SURNAMES or folded[0] in _FURTHER)
