"""The image and the compose file: what can be said of them without docker."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest

from mappings.settings import Settings
from tests.conftest import ZOUFANG

ROOT = Path(__file__).parent.parent
COMPOSE = (ROOT / "docker-compose.yml").read_text("utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
EXAMPLE = dict(re.findall(r'^(\w+)="?(.*?)"?$', (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))
USED = re.findall(r"(?<!\$)\$\{(\w+)(:[-?])?(.*?)\}", COMPOSE)
"""(name, operator, default or message) of every variable in the compose file."""


def below(*keys: str) -> list[str]:
    """The lines under a key of the compose file, at the margin and without comments."""
    lines = [line for line in re.sub(r"(^|\s)#.*", "", COMPOSE).splitlines() if line.strip()]
    for key in keys:
        after = lines[[line.partition(":")[0] for line in lines].index(key) + 1 :]
        inside = list(takewhile(lambda line: line.startswith(" "), after))
        margin = len(inside[0]) - len(inside[0].lstrip())
        lines = [line[margin:] for line in inside]
    return lines


def last(instruction: str) -> str:
    """The arguments of the last such line of the Dockerfile, that of the image that runs."""
    return re.findall(rf"^\s*{instruction} (.*)$", DOCKERFILE, re.MULTILINE)[-1]


def test_every_variable_of_ours_is_a_setting():
    named = set(re.findall(r"\bZOUFANG_([A-Z_]+)", COMPOSE + DOCKERFILE))
    assert {"DATA", "ENGINE", "PORT", "USER", "PASSWORD", "WORKERS"} <= named
    assert {name.lower() for name in named} <= set(Settings.model_fields)


def test_the_example_names_every_variable_with_its_default():
    assert {name for name, _, _ in USED} == set(EXAMPLE)
    assert {(name, text) for name, kind, text in USED if kind != ":?"} == {
        (name, value) for name, value in EXAMPLE.items() if value
    }


def test_without_a_password_compose_says_what_to_do():
    asked = {
        (kind, "ELASTIC_PASSWORD" in text, ".env" in text) for name, kind, text in USED if not EXAMPLE[name]
    }
    assert asked == {(":?", True, True)}
    assert EXAMPLE["ELASTIC_PASSWORD"] == ""
    assert "ELASTIC_PASSWORD: *password" in below("services", "elasticsearch", "environment")


@pytest.mark.parametrize("service", ["index", "service"])
def test_the_commands_are_ours(cli, service):
    command = next(line for line in below("services", service) if line.startswith("command: "))
    assert cli(*re.findall(r"[^\s\[\],]+", command)[1:], "--help").code == 0


def test_the_images_own_command_is_ours(cli):
    entry, command = json.loads(last("ENTRYPOINT")), json.loads(last("CMD"))
    assert entry == [PROJECT["project"]["name"]]
    assert cli(*command, "--help").code == 0


def test_only_the_service_is_reached_from_outside_and_only_from_this_machine():
    assert COMPOSE.count("ports:") == 1
    port = Settings.model_fields["port"].default
    assert below("services", "service", "ports") == [
        f'- "${{BIND_ADDRESS:-127.0.0.1}}:${{BIND_PORT:-{port}}}:{port}"'
    ]
    assert last("EXPOSE") == str(port)


def test_elasticsearch_asks_for_a_password():
    assert 'xpack.security.enabled: "true"' in below("services", "elasticsearch", "environment")
    assert any("--user" in line for line in below("services", "elasticsearch", "healthcheck"))


def test_our_containers_may_do_little():
    user, group = last("USER").split(":")
    assert int(user) > 0
    assert int(group) > 0
    limits = {"read_only: true", "cap_drop: [ALL]", 'security_opt: ["no-new-privileges:true"]'}
    assert limits <= set(below("x-zoufang"))
    for service in ("index", "service"):
        assert "<<: *zoufang" in below("services", service)
    for lines in (below("x-zoufang"), below("services", "index"), below("services", "service")):
        assert {
            line for line in lines if re.match("user|read_only|cap_|security_opt|privileged", line)
        } <= limits


def test_each_waits_for_the_one_before():
    ready = ["elasticsearch:", "  condition: service_healthy"]
    assert below("services", "index", "depends_on") == ready
    assert below("services", "service", "depends_on") == [
        *ready, "index:", "  condition: service_completed_successfully",
    ]  # fmt: skip


def test_python_and_version_are_the_projects():
    python = re.match(r"(\d+\.\d+)-slim", last("ARG").removeprefix("PYTHON="))
    assert python
    assert f"Programming Language :: Python :: {python[1]}" in PROJECT["project"]["classifiers"]
    assert numbers(python[1]) >= numbers(PROJECT["project"]["requires-python"].removeprefix(">="))
    assert f'image.version="{PROJECT["project"]["version"]}"' in DOCKERFILE


def test_elasticsearch_is_as_new_as_its_client():
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    client = re.search(r"^elasticsearch==([\d.]+)", lock, re.MULTILINE)
    assert client
    ours, server = numbers(client[1]), numbers(EXAMPLE["ELASTIC_VERSION"])
    assert ours[0] == server[0]
    assert ours[:2] <= server[:2]  # clients keep up with later minor versions, not with earlier ones


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def test_what_is_copied_is_let_into_the_build_and_nothing_else_is():
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert "*" in ignored
    allowed = {line[1:] for line in ignored if line.startswith("!")}
    copied: set[str] = set()
    for arguments in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE):
        copied |= {word for word in arguments.split()[:-1] if not word.startswith("--")}
    assert copied == allowed
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) <= copied
    assert all((ROOT / name).exists() for name in copied)


def test_the_healthcheck_tells_whether_searches_can_be_answered(run_cli, tmp_path):
    check = re.search(r"^HEALTHCHECK .*\\\n +CMD (.*)$", DOCKERFILE, re.MULTILINE)
    assert check
    python, *arguments = json.loads(check[1])
    assert python == "python"

    def healthy(port: str) -> subprocess.CompletedProcess[str]:
        around = os.environ | {"ZOUFANG_PORT": port, "http_proxy": "http://127.0.0.1:9"}
        return subprocess.run(
            [sys.executable, *arguments], env=around, capture_output=True, text=True, timeout=30, check=False
        )

    with serving(tmp_path) as port:
        before = healthy(port)
        assert before.returncode == 1
        assert "nothing has been published" in before.stderr
        assert run_cli("index", ROOT / "examples", "--data", tmp_path).code == 0
        after = healthy(port)
        assert (after.returncode, after.stderr) == (0, "")
    assert healthy(port).returncode == 1


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """A service on a free port, which comes back."""
    command = [ZOUFANG, "serve", "--port", "0", "--data", data]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            said = re.search(r"http://127.0.0.1:(\d+)/", server.stdout.readline())
            assert said
            yield said[1]
        finally:
            server.terminate()
            server.wait(30)
