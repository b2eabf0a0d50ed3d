"""The quick start, run as it stands: `veta hub sandbox`, a movement by the client; then that hub made bad from outside.

The folder is a clone's as far as the commands see it: `.venv`, `docs`. What is installed is not counted.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

from tests.assurance.record import trial
from tests.demo.test_job import environment
from tests.node.typed import misfits
from veta.demo.keep import DemoRefused
from veta.demo.sandbox.open import reset, set_mode
from veta.kernel.ids import uuid7
from veta.node.answers import Result
from veta.node.client import HubClient
from veta.node.credentials import load
from veta.node.transport import HubRefused, HubUnreachable

ROOT = Path(__file__).parents[2]
PAGES = {name: (ROOT / "docs" / f"{name}.md").read_text(encoding="utf-8") for name in ("quickstart", "sdk")}
FENCED = re.DOTALL | re.MULTILINE
_, OPENING, REPORTING = re.findall(r"^```sh\n(.*?)^```$", PAGES["quickstart"], FENCED)
(READING,) = re.findall(r"^```sh\n(\. \.veta.*?)^```$", PAGES["sdk"], FENCED)
ONE = "0193a1b2-0000-7000-8000-000000000001"


@pytest.fixture(scope="module")
def clone(new_home: Callable[[], Path]) -> Path:
    """A folder with what the pages name: the environment and the pages."""
    folder = new_home()
    folder.mkdir(exist_ok=True)
    (folder / ".venv").symlink_to(sys.prefix)
    (folder / "docs").symlink_to(ROOT / "docs")
    return folder


@pytest.fixture(scope="module")
def terminal(clone: Path) -> dict[str, str]:
    """A shell's environment there: `VETA_HOME` is the default, `./.veta`; any free port serves."""
    given = environment(clone / ".veta") | {"VETA_SANDBOX_PORT": "0", "PYTHONUNBUFFERED": "1"}
    return {name: value for name, value in given.items() if name != "VETA_HOME"}


@pytest.fixture(scope="module")
def opened(clone: Path, terminal: dict[str, str]) -> Iterator[float]:
    """The sandbox, open by the page's own command; the seconds that it took."""
    started = time.monotonic()
    running = subprocess.Popen(
        ["bash", "-ec", f"exec {OPENING}"], cwd=clone, env=terminal, text=True, stdout=subprocess.PIPE
    )
    assert running.stdout is not None
    said = next((line for line in running.stdout if "llave" in line), None)
    assert said is not None, "it ended without opening"
    yield time.monotonic() - started
    running.send_signal(signal.SIGTERM)
    assert running.wait(40) == 0
    subprocess.run(
        [sys.executable, "-c", "import sys; from pathlib import Path; from veta.config.postgres import stop;"
         "stop(Path(sys.argv[1]))", str(clone / ".veta" / "sandbox")], env=os.environ | terminal, check=True,
    )  # fmt: skip


def shell(commands: str, clone: Path, terminal: dict[str, str]) -> str:
    """What a block of commands says, typed as it stands in a second terminal."""
    done = subprocess.run(
        ["bash", "-ec", commands], cwd=clone, env=terminal, text=True, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.fixture(scope="module")
def sandbox(opened: float, clone: Path) -> Iterator[tuple[HubClient, Path]]:
    """A client with the address and the key that the sandbox wrote down, and the sandbox's home."""
    home = clone / ".veta" / "sandbox"
    told = dict(re.findall(r"export (\w+)=(\S+)", (home / "sandbox.env").read_text()))
    key = Path(told["VETA_OPERATOR_KEY"])
    with HubClient(told["VETA_HUB_URL"], load(key.stem, clone / key), deadline=1.0, timeout=8.0) as client:
        yield client, home


def test_the_quick_start_ends_in_a_verified_movement(clone: Path, terminal: dict[str, str], opened: float) -> None:
    with trial("quick start", n=1, seed=0) as figures:
        started = time.monotonic()
        said = shell(REPORTING, clone, terminal)
        figures |= {"seconds_to_open": round(opened, 1), "seconds_to_verify": round(time.monotonic() - started, 1)}
        assert re.search(r"^accepted \[.*'quantity': '0\.225'", said, re.MULTILINE), said
        assert re.search(r"^verified: the log proves leaf [0-9a-f]{64}$", said, re.MULTILINE), said
        assert "c2sp.org/tlog-proof@v1" in said


def test_the_page_of_the_client_runs_as_it_stands(clone: Path, terminal: dict[str, str], opened: float) -> None:
    said = shell(READING, clone, terminal)
    assert re.search(r"^accepted [0-9a-f]{64}$", said, re.MULTILINE), said
    assert re.search(r"^(QUO|LOT|MIN)-\d+ ", said, re.MULTILINE), "a rejected verdict with its remedy"
    assert "mismos identificadores" in said, "what nobody answered"
    assert said.rstrip().endswith("SIG-002\nSIG-001"), "a webhook signed by a stranger, and one changed on the way"


def test_both_pages_are_typed_for_whoever_installs_the_package(tmp_path: Path) -> None:
    """Strictly, outside the package; and the wheel says that it is typed."""
    for name, page in PAGES.items():
        blocks = re.findall(r"^```python\n(.*?)^```$", page, FENCED)
        (tmp_path / f"{name}.py").write_text("".join(blocks), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--config-file="]
    command += [f"{name}.py" for name in PAGES]
    told = os.environ | {"MYPYPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=tmp_path, env=told, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["veta"]
    assert (ROOT / "src" / "veta" / "py.typed").is_file()
    assert any(fnmatch("py.typed", pattern) for pattern in packed)


def test_it_is_a_hub_that_knows_its_operator(sandbox: tuple[HubClient, Path]) -> None:
    client, _home = sandbox
    assert sum(1 for _ in client.minerals()) > 100
    assert next(iter(client.mandates()))["status"] == "active"
    states = [key["state"] for key in iter(client.keys())]
    assert states == ["live"]


MODES: list[tuple[str, Any]] = [("limited", 429), ("refusing", 422), ("down", None)]


@pytest.mark.parametrize(("mode", "status"), MODES)
def test_each_mode_is_seen_by_the_client_and_ends(sandbox: tuple[HubClient, Path], mode: str, status: Any) -> None:
    client, home = sandbox
    set_mode(home, mode)
    with pytest.raises((HubRefused, HubUnreachable)) as seen:
        client.check([{"id": ONE, "kind": "production"}])
    assert getattr(seen.value, "status", None) == status
    set_mode(home, "normal")
    assert client.check([{"id": ONE, "kind": "production"}])


def test_slow_is_late_and_right(sandbox: tuple[HubClient, Path]) -> None:
    client, home = sandbox
    set_mode(home, "slow")
    started = time.monotonic()
    client.transport.deadline = 30.0
    assert client.prices() is not None
    set_mode(home, "normal")
    assert time.monotonic() - started >= 5.0


def test_rejecting_gives_a_verdict_with_the_finding_that_was_chosen(
    sandbox: tuple[HubClient, Path], clone: Path, terminal: dict[str, str]
) -> None:
    """What a developer has to handle: in the contract's form, the same again under the same id, and gone afterwards."""
    client, home = sandbox
    item = {"id": str(uuid7()), "kind": "production", "quantity": "1.000"}
    shell(".venv/bin/veta hub sandbox-mode rejecting --finding lot-003", clone, terminal)
    (told,), (again,), (foreseen,) = client.submit([item]), client.submit([item]), client.check([item])
    verdict, (finding,) = told["verdict"], told["verdict"]["findings"]
    assert list(misfits(Result, told)) == []
    assert (verdict["status"], verdict["movement"], finding["code"]) == ("rejected", item["id"], "LOT-003")
    assert (finding["severity"], "{" in finding["message"], finding["params"]["unit"]) == (
        "blocking",
        False,
        "(ensayo)",
    )
    assert (again["repeated"], again["verdict"], foreseen["verdict"]) == (True, verdict, verdict)
    step = client.confirm(ONE, id=str(uuid7()), decision="confirm")["verdict"]
    assert (step["movement"], step["status"]) == (ONE, "rejected")
    assert sum(1 for _ in client.minerals()) > 100, "what is read is read"
    set_mode(home, "rejecting")
    assert client.check([item | {"id": str(uuid7())}])[0]["verdict"]["findings"][0]["code"] == "QUO-003"
    set_mode(home, "normal")
    assert client.check([item])[0]["verdict"]["findings"][0]["code"].startswith("SCH"), "the hub never saw that id"


@pytest.mark.parametrize(("mode", "finding"), [("rejecting", "QUO-999"), ("rejecting", "QUO-004"), ("slow", "QUO-003")])
def test_a_finding_that_blocks_nothing_is_not_chosen(tmp_path: Path, mode: str, finding: str) -> None:
    with pytest.raises(DemoRefused, match="regla que bloquea: ACC-001"):
        set_mode(tmp_path, mode, finding=finding)


def test_a_reset_forgets_what_a_sandbox_made_and_nothing_else(tmp_path: Path) -> None:
    """Its database too, where that is a link into memory; and twice, or where there was none, does no harm."""
    home, memory = tmp_path / "sandbox", tmp_path / "memory"
    reset(home)
    (memory / "pg").mkdir(parents=True)
    home.mkdir()
    (home / "pg").symlink_to(memory / "pg")
    for name in ("log", "demo", "keys", "operators", "static", "node"):
        (home / name / "within").mkdir(parents=True)
    for name in ("log.policy", "sandbox.mode", "sandbox.env", "notes.txt"):
        (home / name).write_text("x")
    (tmp_path / "beside").write_text("x")
    for _twice in range(2):
        reset(home)
        assert {each.name for each in home.iterdir()} - {"run"} == {"notes.txt"}, "where sockets stand, a server keeps"
        assert sorted(each.name for each in tmp_path.iterdir()) == ["beside", "sandbox"]


def test_a_mode_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(DemoRefused, match="Use uno de"):
        set_mode(tmp_path, "lento")
    with pytest.raises(DemoRefused, match="ábralo"):
        set_mode(tmp_path / "nowhere", "slow")
