"""`veta hub sandbox`: a real hub with the fictitious world, reset at will, whose wire is made bad from outside."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.demo.test_job import environment
from veta.demo.keep import DemoRefused
from veta.demo.sandbox.open import set_mode
from veta.node.client import HubClient
from veta.node.credentials import load
from veta.node.transport import HubRefused, HubUnreachable


@pytest.fixture(scope="module")
def sandbox(new_home: Callable[[], Path]) -> Iterator[tuple[HubClient, Path]]:
    """Open, and a client with the operator's key that it names."""
    home = new_home()
    running = subprocess.Popen(
        [sys.executable, "-u", "-m", "veta.cli.main", "hub", "sandbox", "--port", "0"], env=environment(home),
        text=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert running.stdout is not None
    said = ""
    for line in running.stdout:
        said += line
        if "llave" in line:
            break
    found = re.search(r"abierto en (\S+) .*Operador: (\S+)\. Su llave: (\S+)", said, re.DOTALL)
    assert found is not None, said
    with HubClient(found[1], load(found[2], Path(found[3])), deadline=1.0, timeout=8.0) as client:
        yield client, home
    running.send_signal(signal.SIGTERM)
    assert running.wait(40) == 0
    subprocess.run(
        [sys.executable, "-c", "import sys; from pathlib import Path; from veta.config.postgres import stop;"
         "stop(Path(sys.argv[1]))", str(home / "sandbox")], env=os.environ | environment(home), check=True,
    )  # fmt: skip


def test_it_is_a_hub_that_knows_its_operator(sandbox: tuple[HubClient, Path]) -> None:
    client, _home = sandbox
    assert sum(1 for _ in client.minerals()) > 100
    assert next(iter(client.mandates()))["status"] == "active"
    states = [key["state"] for key in iter(client.keys())]
    assert states == ["live"]


MODES: list[tuple[str, Any]] = [("limited", 429), ("rejecting", 422), ("down", None)]


@pytest.mark.parametrize(("mode", "status"), MODES)
def test_each_mode_is_seen_by_the_client_and_ends(sandbox: tuple[HubClient, Path], mode: str, status: Any) -> None:
    client, home = sandbox
    set_mode(home / "sandbox", mode)
    with pytest.raises((HubRefused, HubUnreachable)) as seen:
        client.check([{"id": "0193a1b2-0000-7000-8000-000000000001", "kind": "production"}])
    assert getattr(seen.value, "status", None) == status
    set_mode(home / "sandbox", "normal")
    assert client.check([{"id": "0193a1b2-0000-7000-8000-000000000001", "kind": "production"}])


def test_slow_is_late_and_right(sandbox: tuple[HubClient, Path]) -> None:
    client, home = sandbox
    set_mode(home / "sandbox", "slow")
    started = time.monotonic()
    client.transport.deadline = 30.0
    assert client.prices() is not None
    set_mode(home / "sandbox", "normal")
    assert time.monotonic() - started >= 5.0


def test_a_mode_that_there_is_not(tmp_path: Path) -> None:
    with pytest.raises(DemoRefused, match="Use uno de"):
        set_mode(tmp_path, "lento")
    with pytest.raises(DemoRefused, match="ábralo"):
        set_mode(tmp_path / "nowhere", "slow")


def test_the_page_of_the_client_runs_as_it_stands(
    sandbox: tuple[HubClient, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client, home = sandbox
    page = (Path(__file__).parents[2] / "docs" / "sdk.md").read_text(encoding="utf-8")
    monkeypatch.setenv("VETA_HUB_URL", client.transport.url)
    monkeypatch.setenv("VETA_OPERATOR_KEY", str(home / "sandbox" / "operators" / "DEMO-A.pem"))
    known: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL):
        exec(compile(block, "sdk.md", "exec"), known)
    said = capsys.readouterr().out
    assert re.search(r"^accepted [0-9a-f]{64}$", said, re.MULTILINE), said
    known["hub"].transport.close()
