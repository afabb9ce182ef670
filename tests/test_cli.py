"""The command line, as a person meets it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from urllib.request import urlopen

import orjson
import pytest

from tests.corpus import EXAMPLES

ZOUFANG = Path(sys.executable).with_name("zoufang")


def zoufang(*arguments: object, code: int = 0, stdin: str | None = None) -> str:
    """What a command prints, on both streams."""
    done = subprocess.run(
        [ZOUFANG, *map(str, arguments)], input=stdin, capture_output=True, text=True, check=False, timeout=60
    )
    said = done.stdout + done.stderr
    assert done.returncode == code, said
    assert "Traceback" not in said
    return said


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    data = tmp_path_factory.mktemp("cli")
    said = zoufang("index", EXAMPLES, "--data", data)
    assert "read 48 = indexed 48 + duplicates 0 + rejected 0; 2 files of other kinds not read" in said
    assert re.search(r"published zoufang-v\d+-\S+: 48 articles, snapshot [0-9a-f]{12}\n", said)
    return data


def test_version():
    assert zoufang("--version") == f"zoufang {version('zoufang')}\n"


@pytest.mark.parametrize(
    "command", [(), ("index",), ("reindex",), ("serve",), ("search",), ("status",), ("analyze",)]
)
def test_help_has_an_example(command):
    assert "Example:" in zoufang(*command, "--help")


def test_search_shows_hits_and_the_reading(data):
    said = zoufang("search", "大走訪 ——", "--data", data, "--size", 3)
    assert "大走訪 (大走访): 11\n" in said
    assert "——: " in said
    assert "\n11 articles\n" in said
    assert said.count("2009-") + said.count("2011-") + said.count("2012-") == 3


def test_search_takes_the_filters_of_the_api(data):
    assert "\n3 articles\n" in zoufang("search", "大走访", "--data", data, "--year", 2009)
    assert "\n0 articles\n" in zoufang("search", "大走访", "--data", data, "--region", 110000)


def test_status_says_what_is_published(data):
    said = zoufang("status", "--data", data)
    assert "articles  48" in said
    assert re.search(r"snapshot  [0-9a-f]{32}", said)


def test_reindex_gives_the_same_snapshot(data):
    before = zoufang("status", "--data", data)
    assert "read 48 = indexed 48 + duplicates 0 + rejected 0" in zoufang("reindex", "--data", data)
    after = zoufang("status", "--data", data)
    assert before != after
    assert before.rsplit("snapshot", 1)[1] == after.rsplit("snapshot", 1)[1]


def test_a_run_in_another_order_gives_the_same_snapshot(tmp_path):
    paths = EXAMPLES / "records.jsonl", EXAMPLES / "pages"
    zoufang("index", *paths, "--data", tmp_path / "one")
    zoufang("index", *reversed(paths), "--data", tmp_path / "other")
    one, other = (
        zoufang("status", "--data", tmp_path / name).rsplit("snapshot", 1)[1] for name in ("one", "other")
    )
    assert one == other


def test_an_id_does_not_hang_on_what_else_is_read(data, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "x.txt").write_text("又一个文件夹里的一篇。", "utf-8")
    zoufang("index", EXAMPLES, tmp_path / "more", "--data", tmp_path / "data")
    ids = [
        set(re.findall(r"\b[0-9a-f]{20}\b", zoufang("search", "--size", 60, "--data", folder)))
        for folder in (data, tmp_path / "data")
    ]
    assert len(ids[0]) == 48
    assert ids[0] < ids[1]


def test_a_file_that_is_no_rejects_file_is_not_written_over(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("我的笔记", "utf-8")
    said = zoufang("index", EXAMPLES, "--data", tmp_path / "data", "--rejects", notes, code=2)
    assert "holds something else" in said
    assert notes.read_text("utf-8") == "我的笔记"


def test_what_a_terminal_would_obey_is_not_printed(tmp_path):
    line = '{"text": "\\u001b]0;pwn\\u0007正文\\u001b[2J", "title": "\\u001b[2J题"}'
    (tmp_path / "x.jsonl").write_text(line, "utf-8")
    zoufang("index", tmp_path / "x.jsonl", "--data", tmp_path / "data")
    said = zoufang("search", "正文", "--data", tmp_path / "data")
    assert "正文" in said
    assert "\x1b" not in said
    assert "\x07" not in said


@pytest.mark.parametrize(("argument", "stdin"), [("“大走訪”！大", None), ("-", "“大走訪”！大")])
def test_analyze_shows_fold_units_and_pairs(argument, stdin):
    said = zoufang("analyze", argument, stdin=stdin)
    assert "fold   “大走访”!大" in said
    assert "units  大 | 走 | 访 | 。 | 大" in said
    assert "pairs  大·走 | 走·访 | 访·。 | 。·大" in said


def test_without_an_index_a_search_says_what_to_do(tmp_path):
    assert "zoufang index FOLDER" in zoufang("search", "大", "--data", tmp_path, code=4)


@pytest.mark.parametrize("workers", [1, 2])
def test_serve_says_where_it_is_and_stops_when_told(data, workers):
    command = [ZOUFANG, "serve", "--port", "0", "--workers", str(workers), "--data", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        said = re.search(r"http://\S+", server.stdout.readline())
        assert said
        with urlopen(f"{said[0]}readyz", timeout=30) as answer:
            assert orjson.loads(answer.read())["articles"] == 48
        server.terminate()
        assert server.wait(30) == 0


def test_a_port_that_is_taken_is_told(data):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert f"cannot listen on 127.0.0.1 port {port}" in zoufang(
            "serve", "--port", port, "--data", data, code=2
        )
