"""Fold, units, pairs: what "contains" means."""

from __future__ import annotations

import random
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.text import (
    BREAK,
    PAIR_JOIN,
    Units,
    find_all,
    fold,
    has_units,
    indexed,
    pairs,
    ranges,
    script,
    simplify,
    spellings,
    term_units,
    units,
)
from tests.corpus import ALPHABET
from tests.reference import slow_find, slow_units

EVERY_CHARACTER = "".join(map(chr, range(sys.maxunicode + 1)))

any_text = st.one_of(st.text(st.characters()), st.text(ALPHABET), st.text("a1 大", max_size=400))


def test_fold_keeps_length_and_is_idempotent_over_every_code_point():
    folded = fold(EVERY_CHARACTER)
    assert len(folded) == len(EVERY_CHARACTER)
    assert fold(folded) == folded


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("大走訪", "大走访"),
        ("２０１２ＡｂＣ", "2012abc"),
        ("着著", "着着"),
        ("衛衞卫", "卫卫卫"),
        ("裏裡里", "里里里"),
        ("瞭覆藉甦鍊", "了复借苏炼"),
        ("㍿㎡", "㍿㎡"),  # expansions stay
        ("①²₂", "①²₂"),  # marks of meaning stay
        ("⽂", "文"),  # a Kangxi radical
        ("豈", "岂"),
    ],
)
def test_fold_reads(typed, folded):
    assert fold(typed) == folded


@pytest.mark.parametrize(("one", "other"), [("画", "划"), ("里", "哩"), ("像", "象"), ("链", "炼")])
def test_fold_keeps_apart_what_simplified_text_keeps_apart(one, other):
    assert fold(one) != fold(other)


def test_simplify_touches_only_han_characters():
    assert simplify("甘肅政法網ＣNTV") == "甘肃政法网ＣNTV"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("“三访三评”深化", ["三", "访", "三", "评", "深", "化"]),
        ("3 月 3 日", ["3", "月", "3", "日"]),
        ("24/2445", ["24", "2445"]),
        ("a_b 3.5", ["a", "b", "3", "5"]),
        ("iPhone15大", ["iphone15", "大"]),
        ("甲。！？\n \n乙", ["甲", BREAK, "乙"]),
        ("甲：乙；丙…丁", ["甲", BREAK, "乙", BREAK, "丙", BREAK, "丁"]),
        ("甲、乙·丙", ["甲", "乙", "丙"]),
        ("𠀀々〇", ["𠀀", "々", "〇"]),
        ("葛\U000e0100城", ["葛", "城"]),  # a variation selector is not there
        ("\ue000甲\uf8ff乙\U000f0000", ["甲", "乙"]),  # private use is transparent
        ("ひらがなカタカナ", ["ひらがなカタカナ"]),
        ("café", ["café"]),
        ("x" * 130, ["x" * 64, "x" * 64, "xx"]),
        ("", []),
        ("“”、 ", []),
    ],
)
def test_units_of(text, expected):
    assert units(text) == expected


def test_a_term_drops_the_breaks_at_its_ends_only():
    assert term_units("。甲，乙！") == ["甲", BREAK, "乙"]
    assert term_units("。！？") == []


@given(any_text)
def test_units_are_those_of_the_slow_reading(text):
    fast, slow = Units(text), slow_units(text)
    assert list(fast) == [unit for unit, _, _ in slow]
    assert fast.starts.tolist() == [start for _, start, _ in slow]
    assert fast.ends.tolist() == [end for _, _, end in slow]
    assert len(fast) == len(slow)


@given(any_text)
def test_index_text_is_units_and_pairs_in_their_order(text):
    fast = Units(text)
    named = [unit for unit, _, _ in slow_units(text)]
    assert fast.joined == (f" {' '.join(named)} " if named else "")
    assert fast.pairs == " ".join(pairs(named) or named)


@pytest.mark.parametrize("text", ["大", "“𠀀”", "abc", "。\n。"])
def test_a_lone_unit_is_its_own_pair(text):
    assert [Units(text).pairs] == units(text)


@given(any_text)
def test_every_text_is_indexed_under_something(text):
    assert has_units(text) == bool(units(text))
    assert list(indexed(text)) == (units(text) or [BREAK])


def test_what_has_no_text_is_indexed_under_a_break_which_no_query_asks_for():
    for text in (None, "", "“”"):
        assert (indexed(text).joined, indexed(text).pairs) == (f" {BREAK} ", BREAK)
    assert term_units(BREAK) == []


@given(any_text, st.data())
def test_finding_is_that_of_the_slow_reading(text, data):
    there = units(text)
    start = data.draw(st.integers(0, len(there)))
    term = there[start : start + data.draw(st.integers(0, 5))]
    slow = slow_find(text, term) if term else []
    assert Units(text).find(term) == slow
    # A term that ends in a break is not asked: of a run of them only the last is the unit.
    if term and BREAK not in (term[0], term[-1]):
        assert find_all(text, [tuple(term)]) == [slow]


def test_no_unit_can_hold_what_joins_pairs_and_tokens():
    every = "".join(Units(EVERY_CHARACTER))
    assert PAIR_JOIN not in every
    assert not any(char.isspace() for char in every)


def test_units_of_every_code_point_are_those_of_the_slow_reading():
    text = "".join(f"甲{char}a{char}。" for char in map(chr, range(0, sys.maxunicode + 1, 7)))
    assert list(Units(text)) == [unit for unit, _, _ in slow_units(text)]


def test_ranges_and_spellings_are_the_whole_of_the_table():
    table = str.maketrans({code: chr(to) for code, to in spellings()})
    for kind in ("clear", "word", "han", "break"):
        for first, last in ranges(kind):
            text = EVERY_CHARACTER[first : last + 1].translate(table)
            match kind:
                case "clear":
                    assert text.isspace()
                case "break":
                    assert set(text) == {BREAK}
                case _:
                    assert text == fold(EVERY_CHARACTER[first : last + 1])
    assert sum(
        last + 1 - first for kind in ("clear", "word", "han", "break") for first, last in ranges(kind)
    ) == len(EVERY_CHARACTER)


def test_classes_do_not_hang_on_the_running_unicode_version():
    """What this Python calls a letter is a unit; the table may know more letters than it does."""
    rng = random.Random(1)
    for char in rng.sample(EVERY_CHARACTER, 20_000):
        if unicodedata.category(char) in ("Lu", "Ll", "Nd") and unicodedata.category(fold(char)) != "Cn":
            assert len(units(char)) == 1, hex(ord(char))


@pytest.mark.parametrize(
    ("text", "expected"),
    [("群众事无大小", "Hans"), ("群眾事無大小", "Hant"), ("2012 abc", ""), ("人民日报" * 30 + "發", "Hans")],
)
def test_script(text, expected):
    assert script(text) == expected


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="lower case comes from Python 3.11's Unicode")
def test_the_committed_table_is_what_its_script_writes(tmp_path: Path, monkeypatch):
    from scripts import build_text_table

    written = tmp_path / "text.tsv"
    monkeypatch.setattr(build_text_table, "TARGET", written)
    build_text_table.main()
    committed = Path(build_text_table.__file__).parent.parent / "mappings" / "text.tsv"
    assert written.read_text("utf-8") == committed.read_text("utf-8")
