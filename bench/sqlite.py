"""SQLite's full-text search, set up as well as we know how: two tokenizers, the same facets beside them.

`spaced`: our units, a space between two, by unicode61 told to take everything but a space for a letter;
a text is a phrase. `trigram`: the folded text by SQLite's own trigrams; it cannot look for fewer than
three characters, and takes punctuation for part of the text.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from bench.queries import Question
from mappings.article import UNKNOWN, Article
from mappings.facets import source_value
from mappings.text import Units, fold, term_units

TOKENIZERS = {
    "spaced": "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* C*'",
    "trigram": "trigram",
}
SHORTEST = {"spaced": 1, "trigram": 3}
FACETS = ("region", "year", "campaign", "source")
HITS = 20
_BETWEEN = " | "
"""Stands between title and body; no unit and no question holds it."""


def row(tokenizer: str, article: Article) -> str:
    parts = (article.title or "", article.body)
    if tokenizer == "trigram":
        return _BETWEEN.join(fold(part) for part in parts)
    return _BETWEEN.join(Units(part).joined for part in parts)


def expression(tokenizer: str, question: Question) -> str:
    """The question in FTS5's language."""
    spelled = (
        fold(text) if tokenizer == "trigram" else " ".join(term_units(text)) for text in question.texts
    )
    return " AND ".join(f'"{text}"' for text in spelled)


def build(tokenizer: str, path: Path, articles: Iterable[Article]) -> None:
    path.unlink(missing_ok=True)
    database = sqlite3.connect(path)
    database.executescript(f"""
        PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -256000;
        CREATE VIRTUAL TABLE texts USING fts5(text, tokenize = "{TOKENIZERS[tokenizer]}");
        CREATE TABLE facets (id INTEGER PRIMARY KEY, region, year, campaign, source);
        CREATE TABLE articles (id INTEGER PRIMARY KEY, name TEXT, title TEXT, body TEXT);
    """)
    for number, article in enumerate(articles, 1):
        database.execute("INSERT INTO texts (rowid, text) VALUES (?, ?)", (number, row(tokenizer, article)))
        database.execute(
            "INSERT INTO facets VALUES (?, ?, ?, ?, ?)",
            (
                number,
                article.region[-1] if article.region else UNKNOWN,
                article.year or UNKNOWN,
                article.campaigns[0] if article.campaigns else UNKNOWN,
                source_value(article.source),
            ),
        )
        database.execute(
            "INSERT INTO articles VALUES (?, ?, ?, ?)", (number, article.id, article.title, article.body)
        )
    database.execute("INSERT INTO texts (texts) VALUES ('optimize')")
    database.commit()
    database.close()


class SqliteEngine:
    """Answers from one database."""

    def __init__(self, tokenizer: str, path: Path) -> None:
        self.name = f"FTS5 {tokenizer}"
        self._tokenizer = tokenizer
        self._database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        self._database.executescript(
            "PRAGMA cache_size = -256000; PRAGMA mmap_size = 8000000000; PRAGMA temp_store = MEMORY;"
            "CREATE TEMP TABLE matched (id INTEGER PRIMARY KEY);"
        )

    def close(self) -> None:
        self._database.close()

    def takes(self, question: Question) -> bool:
        return min(map(len, question.texts)) >= SHORTEST[self._tokenizer]

    def match(self, question: Question) -> int:
        """The total, and the places of the best hits."""
        asked, run = expression(self._tokenizer, question), self._database.execute
        (total,) = run("SELECT count(*) FROM texts WHERE texts MATCH ?", (asked,)).fetchone()
        run("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?", (asked, HITS)).fetchall()
        return int(total)

    def whole(self, question: Question) -> int:
        """The total, the best hits with title and marked passage, and four facets.

        The matches are kept in a table of the connection, so that the index is asked for them once.
        """
        asked, run = expression(self._tokenizer, question), self._database.execute
        run("DELETE FROM matched")
        run("INSERT INTO matched SELECT rowid FROM texts WHERE texts MATCH ?", (asked,))
        (total,) = run("SELECT count(*) FROM matched").fetchone()
        for facet in FACETS:
            run(f"SELECT {facet}, count(*) FROM matched JOIN facets USING (id) GROUP BY 1").fetchall()
        run(
            "SELECT name, title, body, snippet(texts, 0, '[', ']', '…', 64) FROM texts"
            " JOIN articles ON articles.id = texts.rowid WHERE texts MATCH ? ORDER BY rank LIMIT ?",
            (asked, HITS),
        ).fetchall()
        self._database.rollback()
        return int(total)
