"""Bad input: for each a clear error or a sensible answer, an account that adds up, and nothing lost."""

from __future__ import annotations

import ctypes
import os
import random
import shutil
from pathlib import Path

import orjson
import pytest
from starlette.testclient import TestClient

from indexer.publish import BuildLock
from mappings.embedded import BUILDING, current_index
from mappings.errors import StoreError
from mappings.names import SCHEMA_VERSION, parse_name
from mappings.query import Search
from service.app import create_app
from tests.conftest import Run, lines, write_files
from tests.corpus import opened

GOOD = "民警在大走访活动中走进村民家里，听取意见。"
PAGE = f"秦安公安走进百村\n\n{GOOD}\n" + "这是一个在村里办事的故事，大家都说好。\n" * 20
DIGITS = "1234567890" * 10_000
BIG = 50_000_000


def record(id: str, text: str = GOOD, **more: object) -> dict[str, object]:
    return {"id": id, "text": f"{text}{id}", **more}


def published(data: Path) -> dict[str, str]:
    """The bodies of the published articles by their origin."""
    reader = opened(data)
    found = reader.search(Search(size=1000))
    assert len(found.hits) == found.total == reader.record.articles
    return {article.origin: article.body for article, _ in found.hits}


def rejects(path: Path) -> dict[tuple[str, int | None], str]:
    """The reasons of a rejects file by file and line."""
    listed = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    return {(item["file"], item["line"]): item["reason"] for item in listed}


def left_behind(data: Path) -> list[str]:
    return [path.name for path in data.iterdir() if path.name.endswith((BUILDING, ".new", "lock.owner"))]


# ---- pages and records -------------------------------------------------------------------------

REJECTED = {
    ("empty.txt", None): "empty",
    ("blank.txt", None): "empty",
    ("binary.txt", None): "binary",
    ("noise.txt", None): "neither UTF-8 nor GB18030",
    ("punctuation.txt", None): "no text is left after cleaning",
    ("big.txt", None): f"larger than 20000000 bytes ({BIG + 1})",
    ("pipe.txt", None): "not a regular file",
    ("dangling.txt", None): "cannot be read: No such file or directory",
    ("empty.jsonl", None): "empty",
    ("blank.jsonl", None): "empty",
    ("\\xd0\\xc2.jsonl", 1): "not a JSON object",
    ("long.jsonl", 1): "a line larger than 20000000 bytes",
    ("records.jsonl", 1): "not a JSON object",
    ("records.jsonl", 2): "not a JSON object",
    ("records.jsonl", 3): "not a JSON object",
    ("records.jsonl", 4): 'no "text"',
    ("records.jsonl", 5): 'no "text", or it is not a string',
    ("records.jsonl", 6): '"text" is empty',
    ("records.jsonl", 7): "no text is left after cleaning",
    ("records.jsonl", 8): "not JSON",
    ("records.jsonl", 9): "not JSON",
    ("records.jsonl", 10): "not JSON",
    ("records.jsonl", 11): "not JSON",
    ("records.jsonl", 12): '"id" is longer than 500 characters',
    ("records.jsonl", 14): "its id 13 was already given to an article with other content",
}

ACCEPTED = {
    "damaged.txt": "\ufffd",
    "cut.txt": "走访",
    "cut-gbk.txt": "走访",
    "digits.txt": DIGITS,
    "dashes.txt": "—" * 1000,
    "short-lines.txt": "网",
    "control.txt": "走访",
    "UPPER.TXT": "走访",
    "below/deep.txt": "走访",
    "\\xd0\\xc2.txt": "走访",
    "long.jsonl:2": "走访",
    "records.jsonl:13": "走访",
    "records.jsonl:16": DIGITS,
    "records.jsonl:17": "走访",
}


@pytest.fixture(scope="module")
def strange(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds one of everything that can be wrong."""
    pages = write_files(
        tmp_path_factory.mktemp("strange"),
        {
            "empty.txt": b"",
            "blank.txt": b" \r\n\n",
            "binary.txt": bytes(range(256)) * 20,
            "noise.txt": bytes(random.Random(3).choices(range(128, 256), k=5000)),
            "punctuation.txt": "……。，？！\n——",
            "damaged.txt": PAGE.encode() + b"\xe6\x9d" + GOOD.encode(),
            "cut.txt": (GOOD * 3).encode()[:-1],
            "cut-gbk.txt": PAGE.encode("gb18030") + b"\xd0",
            "digits.txt": DIGITS,
            "dashes.txt": GOOD + "\n" + "—" * 100_000,
            "short-lines.txt": "网\n" * 20_000,
            "control.txt": GOOD + "\x01\x1b[31m\u202e\u200b\ufeff",
            "UPPER.TXT": PAGE,
            "below/deep.txt": PAGE,
            ".hidden.txt": PAGE,
            "page.pdf": b"%PDF",
            "empty.jsonl": b"",
            "blank.jsonl": b"\n \n",
            "records.jsonl": [
                [1],
                "text",
                None,
                {},
                {"text": 5},
                {"text": " \n"},
                {"text": "——！"},
                b'{"text": "cut',
                b'{"text": "\xff\xff"}',
                b'{"text": "\\ud800"}',
                b"[" * 100_000,
                record("x" * 501),
                record("13"),
                record("13", "与前面不同的正文。"),
                record("13"),
                record("16", DIGITS, title=DIGITS, pubtime=DIGITS, source=DIGITS, url=f"http://{DIGITS}"),
                record("a/b ../%00?#", title=True, pubtime="9999-99-99", source=["x"], url="http://["),
            ],
        },
    )
    for name in ("big.txt", "long.jsonl"):
        with (pages / name).open("wb") as file:
            file.seek(BIG)
            file.write(b"\n")
            file.write(lines([record("long")]) if name == "long.jsonl" else b"")
    os.mkfifo(pages / "pipe.txt")
    (pages / "dangling.txt").symlink_to("nowhere")
    Path(os.fsdecode(os.fsencode(pages) + b"/\xd0\xc2.txt")).write_text(PAGE, "utf-8")
    Path(os.fsdecode(os.fsencode(pages) + b"/\xd0\xc2.jsonl")).write_text("[]", "utf-8")
    return pages


@pytest.fixture(scope="module")
def indexed(strange: Path, run_cli, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    data = tmp_path_factory.mktemp("indexed")
    return run_cli("index", strange, "--data", data), data


@pytest.mark.parametrize(("place", "reason"), REJECTED.items(), ids=str)
def test_what_cannot_be_an_article_is_rejected_by_file_line_and_reason(indexed, place, reason):
    assert rejects(indexed[1] / "rejects.jsonl")[place].startswith(reason)


@pytest.mark.parametrize(("origin", "text"), ACCEPTED.items(), ids=list(ACCEPTED))
def test_what_is_odd_but_can_be_read_is_indexed(indexed, origin, text):
    assert text in published(indexed[1])[origin]


def test_the_account_of_a_strange_folder_holds_everything_once(indexed):
    run, data = indexed
    assert run.code == 0
    assert run.account == (len(ACCEPTED) + 1 + len(REJECTED), len(ACCEPTED), 1, len(REJECTED))
    assert "; 1 files of other kinds not read" in run.out
    assert set(published(data)) == set(ACCEPTED)
    assert set(rejects(data / "rejects.jsonl")) == set(REJECTED)


def test_records_that_repeat_are_told_apart_from_conflicts(cli, corpus, settings):
    pages = corpus({"a.jsonl": [record("1"), record("2"), record("1")], "b.jsonl": [record("1", "别的。")]})
    run = cli("index", pages, "--data", settings.data)
    assert (run.code, run.account) == (0, (4, 2, 1, 1))
    assert list(rejects(settings.data / "rejects.jsonl")) == [("b.jsonl", 1)]


def test_the_same_text_under_another_address_stays(cli, corpus, settings):
    pages = corpus({"a.txt": PAGE, "b.txt": PAGE})
    assert cli("index", pages, pages / "a.txt", "--data", settings.data).account == (2, 2, 0, 0)


# ---- paths -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["missing"], "missing: no such file or folder"),
        (["good.txt", "missing"], "missing: no such file or folder"),
        (["good.txt/below"], "Not a directory"),
        ([""], "a path is empty"),
        (["hollow"], "nothing to read here (no .txt or .jsonl file)"),
        (["others"], "nothing to read here"),
        (["loop"], "loop"),
        (["x" * 5000], "File name too long"),
        ([], "Missing argument"),
        (["--no-such-option"], "No such option"),
    ],
)
def test_a_path_that_cannot_be_used_is_an_error_and_nothing_is_made(
    cli, corpus, settings, monkeypatch, paths, message
):
    monkeypatch.chdir(corpus({"good.txt": PAGE, "others/page.pdf": b"", "others/.hidden.txt": PAGE}))
    Path("hollow/below").mkdir(parents=True)
    Path("loop").symlink_to("loop")
    run = cli("index", *paths, "--data", settings.data)
    assert (run.code, run.out) == (2, "")
    assert message in run.err
    assert not settings.data.exists()


def test_a_file_of_another_kind_is_rejected_where_it_is_named(cli, corpus, settings):
    pages = corpus({"good.txt": PAGE, "page.pdf": b"%PDF"})
    run = cli("index", pages / "page.pdf", pages / "good.txt", "--data", settings.data)
    assert (run.code, run.account) == (0, (2, 1, 0, 1))
    assert rejects(settings.data / "rejects.jsonl") == {
        ("page.pdf", None): "a .pdf file is neither .txt nor .jsonl"
    }


def test_an_empty_data_folder_option_is_not_the_working_directory(cli, corpus, monkeypatch):
    pages = corpus({"good.txt": PAGE})
    monkeypatch.chdir(pages)
    assert cli("index", "good.txt", "--data", "").code == 2
    monkeypatch.setenv("ZOUFANG_DATA", "")
    assert cli("index", "good.txt").code == 0
    assert sorted(path.name for path in pages.iterdir()) == ["good.txt", "zoufang-data"]


@pytest.mark.parametrize("value", ["lots", "1", "99999999999"])
def test_a_setting_that_makes_no_sense_is_named(cli, corpus, settings, monkeypatch, value):
    monkeypatch.setenv("ZOUFANG_MEMORY", value)
    run = cli("index", corpus({"good.txt": PAGE}), "--data", settings.data)
    assert (run.code, run.out) == (2, "")
    assert "memory" in run.err


@pytest.mark.parametrize("data", ["file", "file/below"])
def test_a_data_folder_that_cannot_be_made_is_an_error(cli, corpus, tmp_path, data):
    (tmp_path / "file").write_text("mine", "utf-8")
    run = cli("index", corpus({"good.txt": PAGE}), "--data", tmp_path / data)
    assert (run.code, run.out) == (1, "")
    assert "cannot make the data folder" in run.err
    assert (tmp_path / "file").read_text("utf-8") == "mine"


def test_the_data_folder_below_the_pages_is_no_page(cli, corpus, monkeypatch):
    monkeypatch.chdir(corpus({"good.txt": PAGE, "many.jsonl": [[]] * 3000}))
    first, again = cli("index", "."), cli("index", ".")
    assert first.account == again.account == (3001, 1, 0, 3000)
    assert "not read" not in again.out


# ---- permissions -------------------------------------------------------------------------------

_DROP_FROM_BOUNDING_SET = 24
_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH = 1, 2


def without_privilege() -> None:
    """Has permissions count for root too."""
    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (_CAP_DAC_OVERRIDE, _CAP_DAC_READ_SEARCH):
            assert libc.prctl(_DROP_FROM_BOUNDING_SET, capability) == 0


needs_linux = pytest.mark.skipif(not Path("/proc/self").exists(), reason="drops privileges as Linux does")


@needs_linux
def test_a_page_that_may_not_be_read_is_rejected(run_cli, corpus, settings):
    pages = corpus({"good.txt": PAGE, "locked.txt": PAGE})
    (pages / "locked.txt").chmod(0)
    run = run_cli("index", pages, "--data", settings.data, preexec_fn=without_privilege)
    assert (run.code, run.account) == (0, (2, 1, 0, 1))
    assert rejects(settings.data / "rejects.jsonl") == {
        ("locked.txt", None): "cannot be read: Permission denied"
    }


@needs_linux
def test_a_folder_that_may_not_be_listed_is_an_error(run_cli, corpus, settings):
    pages = corpus({"good.txt": PAGE, "locked/page.txt": PAGE})
    (pages / "locked").chmod(0)
    run = run_cli("index", pages, "--data", settings.data, preexec_fn=without_privilege)
    (pages / "locked").chmod(0o700)
    assert (run.code, run.out) == (2, "")
    assert f"{pages}/locked: Permission denied" in run.err


@needs_linux
def test_a_data_folder_that_may_not_be_written_is_an_error_and_still_answers(run_cli, cli, corpus, settings):
    pages = corpus({"good.txt": PAGE})
    assert cli("index", pages, "--data", settings.data).code == 0
    settings.data.chmod(0o500)
    run = run_cli("index", pages, "--data", settings.data, preexec_fn=without_privilege)
    settings.data.chmod(0o700)
    assert (run.code, run.out) == (1, "")
    assert f"cannot write the rejects file {settings.data}" in run.err
    assert "Permission denied" in run.err
    assert set(published(settings.data)) == {"good.txt"}


# ---- the rejects file --------------------------------------------------------------------------


def test_a_run_without_rejects_leaves_no_rejects_file(cli, corpus, settings):
    pages = corpus({"a.txt": PAGE, "b.txt": b""})
    assert "rejects.jsonl" in cli("index", pages, "--data", settings.data).out
    assert (settings.data / "rejects.jsonl").exists()
    (pages / "b.txt").unlink()
    assert "rejects.jsonl" not in cli("index", pages, "--data", settings.data).out
    assert not (settings.data / "rejects.jsonl").exists()


def test_the_rejects_file_goes_where_it_is_wanted(cli, corpus, settings, tmp_path):
    pages = corpus({"a.txt": PAGE, "b.txt": b""})
    wanted = tmp_path / "rejects"
    assert str(wanted) in cli("index", pages, "--data", settings.data, "--rejects", wanted).out
    assert rejects(wanted) == {("b.txt", None): "empty"}


def test_the_rejects_file_cannot_be_an_input(cli, corpus, settings):
    pages = corpus({"a.jsonl": [record("1")]})
    run = cli("index", pages / "a.jsonl", "--data", settings.data, "--rejects", pages / "a.jsonl")
    assert (run.code, run.out) == (2, "")
    assert "writes its rejects there" in run.err
    assert (pages / "a.jsonl").read_bytes() == lines([record("1")])


def test_a_rejects_file_that_cannot_be_written_is_an_error(cli, corpus, settings):
    run = cli("index", corpus({"a.txt": PAGE}), "--data", settings.data, "--rejects", settings.data)
    assert (run.code, run.out) == (1, "")
    assert "cannot write the rejects file" in run.err
    assert not left_behind(settings.data)


def test_rejects_may_go_to_a_device(run_cli, corpus, settings):
    pages = corpus({"a.txt": PAGE, "b.txt": b""})
    run = run_cli("index", pages, "--data", settings.data, "--rejects", "/dev/stderr")
    assert run.code == 0
    assert orjson.loads(run.err)["reason"] == "empty"


# ---- what is published -------------------------------------------------------------------------


def test_where_no_article_is_left_nothing_is_published_and_the_old_index_stays(cli, corpus, settings):
    pages = corpus({"a.txt": PAGE})
    assert cli("index", pages, "--data", settings.data).code == 0
    (pages / "a.txt").write_bytes(b"")
    run = cli("index", pages, "--data", settings.data)
    assert (run.code, run.account) == (1, (1, 0, 0, 1))
    assert "nothing was published" in run.err
    assert set(published(settings.data)) == {"a.txt"}
    assert not left_behind(settings.data)


def test_a_second_indexer_is_refused_and_told_who_is_at_work(cli, corpus, settings):
    pages = corpus({"a.txt": PAGE})
    assert cli("index", pages, "--data", settings.data).code == 0
    with BuildLock(settings.data):
        for command in (["index", pages], ["reindex"]):
            run = cli(*command, "--data", settings.data)
            assert (run.code, run.out) == (3, "")
            assert f"another build is at work in {settings.data} (process {os.getpid()})" in run.err
    assert set(published(settings.data)) == {"a.txt"}
    assert cli("index", pages, "--data", settings.data).code == 0


@pytest.mark.parametrize("command", ["reindex", "status", "search"])
def test_without_an_index_a_command_says_so_and_makes_nothing(cli, settings, command):
    run = cli(command, "--data", settings.data)
    assert (run.code, run.out) == (4, "")
    assert "nothing has been published" in run.err
    assert not settings.data.exists()


def test_reindex_gives_the_same_snapshot(cli, settings, samples):
    shutil.copytree(samples.data, settings.data)
    before = opened(samples.data).record
    run = cli("reindex", "--data", settings.data)
    after = opened(settings.data).record
    assert run.account == (before.articles, before.articles, 0, 0)
    assert (after.snapshot, after.articles) == (before.snapshot, before.articles)
    assert after.name > before.name


def test_one_previous_index_is_kept_and_what_is_not_ours_is_left_alone(cli, corpus, settings):
    pages = corpus({"a.txt": PAGE})
    foreign = {"notes", "zoufang-v1-soon", "zoufang-v1-20200101t000000.000000z", "notes.building"}
    for name in foreign:
        (settings.data / name).mkdir(parents=True)
    other = "other-v1-20200101t000000.000000z"
    write_files(settings.data, {f"{other}/zoufang.json": "{}", "readme.txt": "mine"})
    names = []
    for _ in range(3):
        assert cli("index", pages, "--data", settings.data).code == 0
        names.append(current_index(settings.data).name)
    there = {path.name for path in settings.data.iterdir()}
    assert there == {*names[1:], *foreign, other, "readme.txt", "current", "lock"}


def test_a_clock_that_went_back_does_not_cost_the_previous_index(cli, corpus, settings):
    pages = corpus({"a.txt": PAGE})
    assert cli("index", pages, "--data", settings.data).code == 0
    later = settings.data / f"zoufang-v{SCHEMA_VERSION}-29990101t000000.000000z"
    current_index(settings.data).rename(later)
    (settings.data / "current").write_text(later.name, "utf-8")
    assert cli("index", pages, "--data", settings.data).code == 0
    assert later.exists()
    assert current_index(settings.data) != later


# ---- another schema, and damage ----------------------------------------------------------------


@pytest.fixture
def complete(cli, corpus, settings) -> Path:
    """The folder of a published index."""
    pages = corpus({"a.jsonl": [record(str(number)) for number in range(50)]})
    assert cli("index", pages, "--data", settings.data).code == 0
    return current_index(settings.data)


def assert_refused_but_rebuilt(
    cli, settings, complete: Path, kind: str, message: str, refused: tuple[list[str], ...] = (["reindex"],)
) -> None:
    """Readers say what is wrong, a reindex loses nothing, and an index from the pages puts it right."""
    before = sorted(path for path in settings.data.rglob("*") if path.is_file())
    for command in (["status"], ["search", "大走访活动"], *refused):
        run = cli(*command, "--data", settings.data)
        assert (run.code, run.out) == (4, ""), command
        assert message in run.err
    with TestClient(create_app(settings)) as client:
        for path in ("/readyz", "/api/v1/search?q=大走访活动", "/api/v1/articles/1"):
            response = client.get(path)
            assert (response.status_code, response.json()["type"]) == (503, f"/problems/{kind}")
        assert client.get("/healthz").status_code == 200
        assert sorted(path for path in settings.data.rglob("*") if path.is_file()) == before
        assert cli("index", settings.data.parent / "corpus", "--data", settings.data).code == 0
        assert client.get("/readyz").json()["articles"] == 50


def with_schema(settings, complete: Path, version: int) -> None:
    """As if another version of zoufang had published the index."""
    name = parse_name(complete.name)
    assert name is not None
    other = complete.with_name(complete.name.replace(f"-v{name.schema}-", f"-v{version}-"))
    complete.rename(other)
    record = orjson.loads((other / "zoufang.json").read_bytes()) | {"name": other.name, "schema": version}
    (other / "zoufang.json").write_bytes(orjson.dumps(record))
    (settings.data / "current").write_text(other.name, "utf-8")


def test_an_index_of_a_newer_schema_is_refused_and_kept(cli, settings, complete):
    with_schema(settings, complete, SCHEMA_VERSION + 1)
    assert_refused_but_rebuilt(cli, settings, complete, "schema-mismatch", f"has schema {SCHEMA_VERSION + 1}")


def test_an_index_of_an_older_schema_is_refused_until_it_is_built_again(cli, settings, complete):
    with_schema(settings, complete, SCHEMA_VERSION - 1)
    message = f"has schema {SCHEMA_VERSION - 1}"
    assert_refused_but_rebuilt(cli, settings, complete, "schema-mismatch", message, refused=())


def test_an_older_schema_is_not_updated_in_place(cli, settings, complete):
    with_schema(settings, complete, SCHEMA_VERSION - 1)
    run = cli("index", "--update", settings.data.parent / "corpus", "--data", settings.data)
    assert (run.code, run.out) == (4, "")
    assert "zoufang reindex" in run.err


def test_a_reindex_brings_an_older_schema_up_to_date(cli, settings, complete):
    with_schema(settings, complete, SCHEMA_VERSION - 1)
    run = cli("reindex", "--if-needed", "--data", settings.data)
    assert run.account == (50, 50, 0, 0)
    assert f"it has schema {SCHEMA_VERSION - 1}" in run.out
    with TestClient(create_app(settings)) as client:
        assert client.get("/readyz").json()["articles"] == 50


@pytest.mark.parametrize(
    "pointer",
    [b"", b"\xff\xfe", b"../../etc", f"zoufang-v{SCHEMA_VERSION}-20200101t000000.000000z".encode()],
)
def test_a_damaged_pointer_is_refused(cli, settings, complete, pointer):
    (settings.data / "current").write_bytes(pointer)
    assert_refused_but_rebuilt(cli, settings, complete, "index-damaged", str(settings.data))


@pytest.mark.parametrize("how", ["deleted", "truncated", "emptied"])
@pytest.mark.parametrize(
    "kind", ["meta.json", "zoufang.json", "*.idx", "*.pos", "*.term", "*.store", "*.fast", "*.fieldnorm"]
)
def test_a_damaged_index_is_refused(cli, settings, complete, kind, how):
    file = next(complete.glob(kind))
    whole = file.read_bytes()
    if how == "deleted":
        file.unlink()
    else:
        file.write_bytes(whole[: len(whole) // 2] if how == "truncated" else b"")
    with pytest.raises(StoreError):
        opened(settings.data)
    if how == "deleted":
        assert_refused_but_rebuilt(cli, settings, complete, "index-damaged", str(complete))


# ---- the streams -------------------------------------------------------------------------------


def test_a_terminal_that_cannot_show_chinese_gets_it_escaped(run_cli, samples):
    run = run_cli("search", "大走访", "--data", samples.data, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert run.code == 0
    assert r"\u5927\u8d70\u8bbf" in run.out


def test_standard_input_that_is_not_utf_8_is_read_all_the_same(run_cli):
    run = run_cli("analyze", "-", input="走访".encode() + b"\xff")
    assert run.code == 0
    assert "走 | 访" in run.out
