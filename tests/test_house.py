"""How the house is built: what may import what, how long a file may be, that settings are told."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from mappings.names import IndexName, new_name, parse_name
from mappings.settings import Settings

ROOT = Path(__file__).parent.parent
ALLOWED = {"mappings": {"mappings"}, "indexer": {"indexer", "mappings"}, "service": {"service", "mappings"}}
FILES = [path for package in ALLOWED for path in sorted((ROOT / package).rglob("*.py"))]


def imports(path: Path) -> set[str]:
    """The top-level names that a file imports, inside functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            found.add((node.module or "").partition(".")[0])
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_data_flows_one_way(path):
    package = path.relative_to(ROOT).parts[0]
    assert imports(path) & (set(ALLOWED) | {"tests", "bench", "scripts"}) <= ALLOWED[package]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_can_be_read_in_one_go(path):
    assert len(path.read_text("utf-8").splitlines()) <= 420


def test_every_setting_is_documented():
    told = (ROOT / "docs" / "settings.md").read_text("utf-8")
    for name, field in Settings.model_fields.items():
        assert f"`ZOUFANG_{name.upper()}`" in told, name
        assert field.description, name
        assert field.description in told, name


def test_index_names_are_read_back_and_sort_by_age():
    first, second = new_name("zoufang"), new_name("zoufang")
    assert parse_name(str(first)) == first
    assert sorted([str(second), str(first)]) == [str(first), str(second)]


@pytest.mark.parametrize(
    "text", ["", "zoufang", "zoufang-v1", "zoufang-v1-2026", "../x-v1-20260101t000000.000000z", "a b"]
)
def test_a_strange_name_is_none_of_ours(text):
    assert parse_name(text) is None


def test_an_index_name_has_its_parts():
    name = parse_name("my_corpus-v3-20260102t030405.000006z")
    assert isinstance(name, IndexName)
    assert (name.name, name.schema, name.created.isoformat()) == (
        "my_corpus", 3, "2026-01-02T03:04:05.000006+00:00",
    )  # fmt: skip
