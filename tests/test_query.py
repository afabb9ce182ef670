"""How what is typed is read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.errors import RequestError
from mappings.query import EVERYTHING, And, Not, Nothing, Term
from mappings.settings import Settings
from service.query import read_query

SETTINGS = Settings()


def said(typed: str) -> list[str]:
    """The terms of a reading, those that are excluded with a minus."""
    reading = read_query(typed, SETTINGS)
    return [term.text for term in reading.terms] + [f"-{term.text}" for term in reading.excluded]


@pytest.mark.parametrize(
    ("typed", "terms"),
    [
        ("大走访", ["大走访"]),
        ("大走访 三访三评", ["大走访", "三访三评"]),
        ("大走访　三访三评", ["大走访", "三访三评"]),
        ('"大走访 活动"', ["大走访 活动"]),
        ("“大走访 活动” 交警", ["大走访 活动", "交警"]),
        ("「大走訪 活動」", ["大走訪 活動"]),
        ("大走访 -交警", ["大走访", "-交警"]),
        ("大走访 －交警", ["大走访", "-交警"]),
        ('大走访 -"交警 支队"', ["大走访", "-交警 支队"]),
        ("“三访三评”深化“大走访”", ["“三访三评”深化“大走访”"]),  # quotes inside a term are text
        ("2011-2012", ["2011-2012"]),
        ("大走访 - 交警", ["大走访", "交警"]),
        ('"没有收尾', ['"没有收尾']),
        ("大走访 大走訪", ["大走访"]),  # the same text twice
        ("A B a", ["A", "B"]),
        ("cafe\u0301", ["caf\u00e9"]),
    ],
)
def test_terms_of(typed, terms):
    assert said(typed) == terms


def test_nothing_typed_asks_for_everything():
    assert read_query("  ", SETTINGS).query == EVERYTHING


def test_nothing_but_punctuation_finds_nothing_and_says_so():
    reading = read_query("—— “” 、", SETTINGS)
    assert reading.query == Nothing()
    assert [(note.code, note.text) for note in reading.notes] == [
        ("nothing-to-find", "——"),
        ("nothing-to-find", "“”"),
        ("nothing-to-find", "、"),
    ]


def test_what_cannot_be_looked_for_is_left_out_with_a_note():
    reading = read_query("大走访 ——", SETTINGS)
    assert reading.query == And((Term("大走访", ("大", "走", "访")),))
    assert [note.text for note in reading.notes] == ["——"]


def test_only_an_exclusion_asks_for_all_the_others():
    assert read_query("-交警", SETTINGS).query == And((Not(Term("交警", ("交", "警"))),))


def test_a_query_that_is_too_long_is_refused_with_its_limit():
    with pytest.raises(RequestError, match="2,001 characters; the limit is 2,000"):
        read_query("访" * 2001, SETTINGS)


def test_a_query_of_too_many_terms_is_refused_with_its_limit():
    with pytest.raises(RequestError, match="65 terms; the limit is 64"):
        read_query(" ".join(f"访{n}" for n in range(65)), SETTINGS)


@given(st.one_of(st.text(max_size=100), st.text('大走 　"“”「」-－－、\ud800\x00', max_size=60)))
def test_nothing_that_is_typed_is_an_error(typed):
    reading = read_query(typed, Settings(max_clauses=1000))
    reading.text.encode()
    assert reading.query == Nothing() or not reading.notes or reading.terms or reading.excluded
