"""A page cleaned: its title, its body, and what the furniture around them said.

Furniture is recognised line by line by the rules of furniture.toml; the facts of stamp lines
(来源, 作者, 发布时间) are kept for the labels.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from indexer.source import Page, Reject
from mappings.article import one_line
from mappings.text import fold, term_units


@dataclass(frozen=True, slots=True)
class Fact:
    """What a stamp said: `kind` is source, author, date or notice; the place is in the page."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Removed:
    """A line that did not reach the article, and the rule that took it. The place is in the page."""

    rule: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A page after cleaning. `body` has one line a paragraph."""

    page: Page
    title: str | None
    body: str
    facts: tuple[Fact, ...]
    removed: tuple[Removed, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of furniture. `tail`: nothing after it belongs to the article."""

    name: str
    pattern: re.Pattern[str]
    example: str
    tail: bool


@dataclass(slots=True)
class Line:
    """A line of a page without the space around it. `indented` and `after_blank` show paragraphs."""

    text: str
    start: int
    indented: bool
    after_blank: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)


TITLE_LENGTH = range(4, 81)
"""Units that a title has at the least, characters at the most."""

_READING = re.compile(r"\([a-zāáǎàēéěèīíǐìōóǒòūúǔùüǖǘǚǜńňǹḿ]{1,6}\)")
_KINDS = {
    "source": "来源|稿源|文章来源|信息来源|新闻来源|出处",
    "author": "作者|记者|通讯员|撰稿|供稿|文/图|文",
    "date": "发布时间|发布日期|发表时间|发表日期|发稿时间|更新时间|更新日期|刊发时间|时间|日期",
    "": "责任编辑|责编|编辑|审核|点击|点击数|浏览|浏览次数|阅读|字号|字体|颜色|打印|关闭|分享|收藏|我要评论",
}
_KEY = re.compile(
    r"(?:^|(?<=[\s\[(【|/,;.。]))(?:" + "|".join(f"(?P<k{n}>{keys})" for n, keys in enumerate(_KINDS.values())) + r")\s*:"
)
_FULL_DATE = re.compile(r"^[\[(【]?\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}")
_NOTICE_SOURCE = re.compile(r"(?:注明|标明|注有)[:\s]*[“\"「『]?\s*(?:来源|稿源)\s*[:]\s*(?P<name>[^”\"」』,。;\s()x]{2,20})")
_ENDS = "。！？；：…”」』）)!?;:.》】"
_STAMP_LENGTH = 160


@cache
def rules() -> tuple[Rule, ...]:
    """The furniture rules, in the order in which they are tried."""
    data = tomllib.loads((Path(__file__).parent / "furniture.toml").read_text("utf-8"))
    return tuple(
        Rule(rule["name"], re.compile(rule["pattern"]), rule["example"], rule.get("tail", False))
        for rule in data["rule"]
    )


def clean(page: Page) -> Cleaned | Reject:
    """The article in a page; a Reject where no text is left."""
    page = Page(page.origin, normalise(page.text), page.record)
    kept: list[Line] = []
    facts: list[Fact] = []
    removed: list[Removed] = []
    above_stamp: int | None = None
    for line, rule, said in classify(split(page.text)):
        if rule is None:
            kept.append(line)
            continue
        if said and above_stamp is None:
            above_stamp = len(kept)
        facts += said or notice_source(line)
        removed.append(Removed(rule, line.text, line.start, line.end))
    if title := page.record.get("title"):
        title = one_line(title)
        rest = drop_repeats(kept, title)
    else:
        title, rest = take_title(kept, above_stamp)
    body = join(rest)
    if not term_units(body):
        return reject(page, "no text is left after cleaning")
    return Cleaned(page, title, body, tuple(facts), tuple(removed))


def classify(lines: list[Line]) -> list[tuple[Line, str | None, list[Fact]]]:
    """Each line with the rule that takes it (None: it belongs to the article) and what it says.

    What ends an article is believed only where more of the text stands before it than after.
    """
    found = [(line, stamp_facts(line)) for line in lines]
    ruled = [(line, "stamp" if said else furniture(line), said) for line, said in found]
    sizes = [0 if rule else len(line.text) for line, rule, _ in ruled]
    before, total = 0, sum(sizes)
    for place, (_, rule, _) in enumerate(ruled):
        before += sizes[place]
        if rule in _tails() and before > total - before:
            behind = [(line, rule or "after the end", said) for line, rule, said in ruled[place:]]
            return ruled[:place] + behind
    return ruled


def reject(page: Page, reason: str) -> Reject:
    """A Reject of a page, with the line of a record taken from its origin."""
    file, _, number = page.origin.rpartition(":")
    return Reject(file, int(number), reason) if page.record and file else Reject(page.origin, None, reason)


def normalise(text: str) -> str:
    """NFC, one kind of line end, no byte order mark, no lone surrogates, no null bytes."""
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text).replace("\ufeff", "").replace("\0", "")
    return re.sub(r"\r\n?|[\v\f\x85\u2028\u2029]", "\n", text)


def split(text: str) -> list[Line]:
    """The lines that are not blank."""
    lines: list[Line] = []
    start, blank = 0, True
    for raw in text.split("\n"):
        bare = raw.strip()
        if bare:
            offset = len(raw) - len(raw.lstrip())
            lines.append(Line(bare, start + offset, offset > 0, blank))
        blank = not bare
        start += len(raw) + 1
    return lines


@cache
def _tails() -> frozenset[str]:
    return frozenset(rule.name for rule in rules() if rule.tail)


def furniture(line: Line) -> str | None:
    """The name of the rule that a line falls under; None where it belongs to the article."""
    folded = fold(line.text)
    return next((rule.name for rule in rules() if rule.pattern.search(folded)), None)


def stamp_facts(line: Line) -> list[Fact]:
    """What a stamp line says; nothing where the line is none. Empty entries count as nothing said,
    but a line of nothing but them is still a stamp.
    """
    if len(line.text) > _STAMP_LENGTH:
        return []
    folded = fold(line.text)
    bare, places = without_readings(folded)
    keys = list(_KEY.finditer(bare))
    kinds = tuple(_KINDS)
    if not keys or bare[: keys[0].start()].strip(" \t[(【|") and not _FULL_DATE.match(bare):
        return [Fact("date", line.text, line.start, line.end)] if is_date_line(bare) else []
    facts: list[Fact] = []
    if lead := bare[: keys[0].start()].strip(" \t[(【|"):
        facts.append(Fact("date", lead, line.start, line.start + len(lead)))
    for key, following in zip(keys, [*keys[1:], None], strict=True):
        kind = kinds[int((key.lastgroup or "k3")[1:])]
        start, end = key.end(), following.start() if following else len(bare)
        value = bare[start:end]
        start += len(value) - len(value.lstrip(" \t[(【"))
        value = value.strip(" \t[](){}【】|/,")
        first = places[start] if value else line.start
        last = places[start + len(value) - 1] + 1 if value else first
        facts.append(
            Fact(kind or "other", line.text[first:last] if value else "", line.start + first, line.start + last)
        )
    useful = [fact for fact in facts if fact.kind != "other"]
    return facts if useful else []


def is_date_line(folded: str) -> bool:
    """Whether a line is a bare stamp such as `2012-04-15 16:49:41 某某网`."""
    return bool(_FULL_DATE.match(folded)) and len(folded) <= 48 and folded[-1] not in "。!?;"


def without_readings(text: str) -> tuple[str, list[int]]:
    """A stamp line without the readings that clone sites put in brackets, and the place of each
    character that stayed.
    """
    places = list(range(len(text)))
    for match in reversed(list(_READING.finditer(text))):
        del places[match.start() : match.end()]
    return "".join(text[place] for place in places), places


def notice_source(line: Line) -> list[Fact]:
    """The publisher that a copyright notice names."""
    match = _NOTICE_SOURCE.search(fold(line.text))
    if match is None:
        return []
    start, end = match.span("name")
    return [Fact("notice", line.text[start:end], line.start + start, line.start + end)]


def take_title(lines: list[Line], stamp: int | None) -> tuple[str | None, list[Line]]:
    """The title and the lines after it: the first line above the stamp that can be one, else the
    first line of the page. Doubled titles go.
    """
    for place, line in enumerate(lines[: stamp if stamp else 1]):
        if is_title(line.text):
            title = one_line(line.text)
            return title, drop_repeats(lines[place + 1 :], title)
    return None, lines


def is_title(text: str) -> bool:
    if text.startswith(("—", "-", "(", "（")) or text[-1] in "。；;，,":
        return False
    return len(text) < TITLE_LENGTH.stop and len(term_units(text)) >= TITLE_LENGTH.start and "。" not in text


def drop_repeats(lines: list[Line], title: str) -> list[Line]:
    """The lines without those at the top that say the title again."""
    wanted = term_units(title)
    place = 0
    while place < len(lines) and place < 3 and term_units(lines[place].text) == wanted:
        place += 1
    return lines[place:]


def join(lines: list[Line]) -> str:
    """The paragraphs of a body. Lines that a narrow column cut are put together again, and table
    bars at their edges go.
    """
    paragraphs: list[str] = []
    width = 0
    for place, line in enumerate(lines):
        text = line.text.strip("| \t\u3000")
        if not text:
            continue
        if width and continues(lines[place - 1], line, width):
            paragraphs[-1] += glue(paragraphs[-1], text)
        else:
            paragraphs.append(text)
            width = wrapped_width(lines, place)
    return "\n".join(paragraphs)


def wrapped_width(lines: list[Line], place: int) -> int:
    """The width of the column that the block starting here was cut to; 0 where it was not cut."""
    block = [lines[place].text]
    for line in lines[place + 1 :]:
        if line.after_blank or line.indented:
            break
        block.append(line.text)
    full = block[:-1]
    width = max(map(columns, full), default=0)
    cut = [line for line in full if line[-1] not in _ENDS]
    even = sum(columns(line) >= width - 4 for line in full)
    return width if 24 <= width <= 160 and len(full) >= 2 and cut and even >= 0.8 * len(full) else 0


def continues(before: Line, line: Line, width: int) -> bool:
    return not line.after_blank and not line.indented and columns(before.text) >= width - 4


def columns(text: str) -> int:
    """The width of a line in half-width columns."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def glue(before: str, after: str) -> str:
    """What follows a line that was cut: with a space only between two Latin words."""
    return f" {after}" if before[-1].isascii() and after[0].isascii() and before[-1].isalnum() else after
