"""How many articles hold a text, counted by reading all of them: what every engine must agree with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.build import in_child
from bench.corpus import articles
from bench.queries import Question
from mappings.text import Units, term_units

_BETWEEN = "|"
"""Stands between title and body; no unit and no question holds it."""


def scan(corpus: Path, questions: Sequence[Question]) -> list[int]:
    """The number of articles that hold all the texts of each question, in title or in body."""
    return in_child(partial(_scan, corpus, list(questions)))


def _scan(corpus: Path, questions: Sequence[Question]) -> list[int]:
    sought = [[f" {' '.join(term_units(text))} " for text in question.texts] for question in questions]
    counts = [0] * len(sought)
    for article in articles(corpus):
        row = _BETWEEN.join(Units(part).joined for part in (article.title or "", article.body))
        for number, needles in enumerate(sought):
            counts[number] += all(needle in row for needle in needles)
    return counts
