"""What the analyzers of elasticsearch.json yield is what text.py says: the same units and pairs, in order, at
the same places.
"""

from __future__ import annotations

import random
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np
import orjson
import pytest

from mappings.elastic import index_body
from mappings.text import _CLASS, _FOLD, Units, pairs
from tests.corpus import ASSIGNED, SHARED, random_text
from tests.servers import Server

ANALYZERS = ("units", "pairs")
GAP = 100
"""Positions between two texts that are analyzed in one request; their offsets have one between them."""
BATCH = 40_000
"""Characters in one request, about: small answers are read at twice the speed of large ones."""

WORD, HAN = 1, 2
SURROGATES = range(0xD800, 0xE000)
SENDABLE = [chr(code) for code in range(sys.maxunicode + 1) if code not in SURROGATES]
"""Every code point that a text can reach a server with."""

TRANSPARENT = " \u3000“”（·、\ue000\U000f0000\U0010ffff🙂\U0001d100\U000e0041"
RUNS = ["\n", "。", "！", "\u2028", "…", "甲", "a", "\ufdd0", "𠀀", *TRANSPARENT]


class Tokens(NamedTuple):
    """Tokens in columns; the offsets count UTF-16 units."""

    tokens: list[str]
    positions: list[int]
    starts: list[int]
    ends: list[int]


def expected(texts: list[str], analyzer: str) -> Tokens:
    """The tokens of some texts by text.py, numbered as one request for all of them numbers them."""
    found = Tokens([], [], [], [])
    position = offset = 0
    for text in texts:
        codes = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
        widths = np.concatenate([[0], np.cumsum(1 + (codes > 0xFFFF))]) + offset
        there = Units(text)
        tokens, starts, ends = list(there), widths[there.starts].tolist(), widths[there.ends].tolist()
        if analyzer == "pairs" and len(tokens) > 1:
            tokens, starts, ends = pairs(tokens), starts[:-1], ends[1:]
        found.tokens.extend(tokens)
        found.positions.extend(range(position, position + len(tokens)))
        found.starts.extend(starts)
        found.ends.extend(ends)
        position += len(tokens) + GAP
        offset = int(widths[-1]) + 1
    return found


def analyzed(server: Server, index: str, texts: list[str], analyzer: str) -> Tokens:
    """The tokens of some texts by a server."""
    found = server.request("GET", f"{index}/_analyze", {"analyzer": analyzer, "text": texts})["tokens"]
    keys = ("token", "position", "start_offset", "end_offset")
    return Tokens(*([it[key] for it in found] for key in keys))


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in lists of about BATCH characters; a server takes no empty list."""
    held: list[str] = []
    size = 0
    for text in texts:
        held.append(text)
        size += len(text)
        if size >= BATCH:
            yield held
            held, size = [], 0
    if held:
        yield held


def difference(server: Server, index: str, texts: Iterable[str]) -> str | None:
    """What a server first makes otherwise than text.py; None where it makes all the same."""
    for batch in batches(texts):
        for analyzer in ANALYZERS:
            ours, theirs = expected(batch, analyzer), analyzed(server, index, batch, analyzer)
            if ours != theirs:
                rows = enumerate(zip_longest(zip(*ours, strict=True), zip(*theirs, strict=True)))
                return next(f"{analyzer} {at}: {a} but {b}" for at, (a, b) in rows if a != b)
    return None


def roomy(body: dict[str, Any]) -> dict[str, Any]:
    """An index body whose `_analyze` takes long texts."""
    return body | {"settings": body["settings"] | {"analyze.max_token_count": 10_000_000}}


@pytest.fixture(scope="module")
def index(server: Server) -> str:
    return server.create("analysis", roomy(index_body(1)))


def beside(char: str) -> str:
    """A character beside Han, Latin, digits, breaks and itself. What is plain Han needs less."""
    if _CLASS[ord(char)] == HAN and _FOLD[ord(char)] == ord(char):
        return f"a{char}{char}。"
    return f"甲{char}乙a{char}b1{char}2。{char}。{char}{char}\n"


def code_points() -> Iterator[str]:
    """Every assigned character, every one with a class or fold of its own, and a sample of all others."""
    rng = random.Random(2)
    sampled: list[str] = []
    for char in SENDABLE:
        code, category = ord(char), unicodedata.category(char)
        if category == "Co" or (category == "Cn" and _CLASS[code] in (WORD, HAN) and _FOLD[code] == code):
            sampled.append(char)
        else:
            yield char
    yield from rng.sample(sampled, 4000)


def random_texts() -> Iterator[str]:
    rng = random.Random(3)
    for _ in range(2000):
        yield random_text(rng)
        yield random_text(rng, ASSIGNED)
        yield random_text(rng, RUNS)
        yield random_text(rng, "aé１𝒳 甲", longest=20)
    for length in (63, 64, 65, 127, 128, 129, 200):
        yield from (char * length for char in "a甲。\n 𐐀𝒳🙂")
        yield from (
            "".join(rng.choices("aB1𐐀é", k=length)) + end for end in ("", "甲", "。", " b", "\ue000b")
        )


def test_every_code_point_in_a_row(server: Server, index: str):
    assert difference(server, index, ["".join(SENDABLE)]) is None


def test_code_points_in_context(server: Server, index: str):
    chars = list(code_points())
    rows = (chars[at : at + 1000] for at in range(0, len(chars), 1000))
    assert difference(server, index, ("".join(map(beside, row)) for row in rows)) is None


def test_random_texts(server: Server, index: str):
    assert difference(server, index, random_texts()) is None


def test_real_texts(server: Server, index: str):
    if not SHARED.exists():
        pytest.skip("the real texts are not beside this checkout")
    pages = [path.read_text("utf-8") for path in sorted((SHARED / "pages").glob("*.txt"))]
    files = sorted((SHARED / "corpora").glob("*.jsonl"))
    items = [orjson.loads(line) for path in files for line in path.read_bytes().splitlines()]
    texts = [text for item in items for text in (item["title"], item["text"])]
    assert pages
    assert len(texts) > 1000
    assert difference(server, index, pages + texts) is None


def test_long_runs_of_breaks_cost_no_more_than_their_length(server: Server, index: str):
    """A tokenizer that looks to the end of the run from each break of it would take hours."""
    assert difference(server, index, ["甲" + "\n \ue000" * 300_000 + "乙"]) is None


@pytest.mark.parametrize("wrong", ["a fold left out", "a break left out", "cut at 63", "runs of breaks kept"])
def test_a_wrong_analysis_is_found(elasticsearch: Server, wrong: str):
    body = roomy(index_body(1))
    rules = body["settings"]["analysis"]["char_filter"]["spell"]["mappings"]
    unit = body["settings"]["analysis"]["tokenizer"]["unit"]
    before = (len(rules), unit["pattern"])
    match wrong:
        case "a fold left out":
            rules = [rule for rule in rules if not rule.startswith(r"\u8a2a=>")]  # 訪
        case "a break left out":
            rules = [rule for rule in rules if not rule.startswith(r"\uff01=>")]  # ！
        case "cut at 63":
            unit["pattern"] = unit["pattern"].replace("{1,64}", "{1,63}")
        case "runs of breaks kept":
            unit["pattern"] = unit["pattern"].partition("(?!")[0]
    body["settings"]["analysis"]["char_filter"]["spell"]["mappings"] = rules
    assert (len(rules), unit["pattern"]) != before
    name = elasticsearch.create(f"wrong-{wrong.replace(' ', '-')}", body)
    assert difference(elasticsearch, name, random_texts()) is not None
