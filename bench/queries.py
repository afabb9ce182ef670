"""The questions: texts that stand in the corpus, so that none is empty, and the commonest words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from bench.corpus import SEED, lines, sample
from mappings.article import Article
from mappings.text import Units

KINDS = {
    "one": "1 character",
    "two": "2 characters",
    "four": "4 characters",
    "eight": "8 characters",
    "common": "common 2-character words",
    "and": "two texts of 2–4 characters, AND",
}
_LENGTHS = {"one": 1, "two": 2, "four": 4, "eight": 8}
_HAN = re.compile("[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: texts that an article must hold, all of them."""

    kind: str
    texts: tuple[str, ...]

    @property
    def typed(self) -> str:
        return " ".join(self.texts)


def draw(path: Path, size: int, each: int) -> list[Question]:
    """The questions to a corpus, `each` of every kind, in one order of their own."""
    random = Random(SEED)
    held = sample(path, size, 20 * each, random)
    found = [Question("common", (word,)) for word in common_words(each)]
    for kind in ("one", "two", "four", "eight", "and"):
        asked: dict[tuple[str, ...], None] = {}
        for _ in range(200 * each):
            asked[texts(kind, random.choice(held), random)] = None
            asked.pop((), None)
            if len(asked) == each:
                break
        found += [Question(kind, words) for words in asked]
    random.shuffle(found)
    return found


def texts(kind: str, article: Article, random: Random) -> tuple[str, ...]:
    """The texts of one question, as they stand in an article; () where the draw does not serve."""
    lengths = [_LENGTHS[kind]] if kind in _LENGTHS else [random.randint(2, 4), random.randint(2, 4)]
    found = tuple(text(article.body, length, random) for length in lengths)
    return found if all(found) and len(set(found)) == len(found) else ()


def text(body: str, length: int, random: Random) -> str:
    """So many Han characters in a row, read as people read: over quotes, not over a clause's end."""
    units = list(Units(body))
    start = random.randrange(max(1, len(units) - length))
    words = units[start : start + length]
    return "".join(words) if all(_HAN.fullmatch(word) for word in words) else ""


@cache
def common_words(count: int) -> Sequence[str]:
    """The pairs of Han characters that stand most often in the newspaper."""
    counted: Counter[str] = Counter()
    for line in lines():
        for run in _HAN.findall(line):
            counted.update(run[at : at + 2] for at in range(len(run) - 1))
    return [word for word, _ in counted.most_common(count)]
