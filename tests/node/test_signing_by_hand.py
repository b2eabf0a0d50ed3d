"""The page on signing by hand is run as it stands, and the command does the same."""

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.node.verifying_hub import VerifyingHub, verifying_hub
from veta.node.credentials import Credentials, load

ROOT = Path(__file__).parents[2]
BODY = '{"movements": [{"id": "0193a1b2-0000-7000-8000-000000000001", "note": "peñón"}]}'


def veta(home: Path, *words: str, url: str = "") -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "VETA_HOME": str(home), "PYTHONPATH": str(ROOT / "src"), "VETA_HUB_URL": url}
    environment.pop("VETA_PUBLIC_ORIGIN", None)
    command = [sys.executable, "-m", "veta.cli.main", "hub", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=60)


@pytest.fixture
def credentials(tmp_path: Path) -> Credentials:
    made = veta(tmp_path, "new-key", "demo-ottm-1")
    assert made.returncode == 0, made.stderr
    printed = json.loads(made.stdout)
    loaded = load("DEMO-OTTM-1", Path(printed["file"]))
    assert (printed["keyid"], printed["proof"], printed["purpose"]) == (loaded.key_id, loaded.proof(), "signing")
    return loaded


@pytest.fixture
def hub(credentials: Credentials) -> Iterator[VerifyingHub]:
    with verifying_hub({credentials.key_id: credentials.public_key}) as server:
        yield server


@pytest.fixture
def body(tmp_path: Path) -> Path:
    path = tmp_path / "body.json"
    path.write_text(BODY, encoding="utf-8")
    return path


def by_hand(
    tmp_path: Path, hub: VerifyingHub, key_id: str, body: Path, script: str
) -> "subprocess.CompletedProcess[str]":
    key = tmp_path / "operators" / "DEMO-OTTM-1.pem"
    environment = {**os.environ, "HUB": hub.url, "KEY": str(key), "KEYID": key_id, "BODY": str(body)}
    return subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=environment, check=False, timeout=60
    )


def page_script() -> str:
    (script,) = re.findall(r"```bash\n(.*?)```", (ROOT / "docs" / "signing.md").read_text(encoding="utf-8"), re.DOTALL)
    return str(script)


def test_the_page(tmp_path: Path, hub: VerifyingHub, credentials: Credentials, body: Path) -> None:
    done = by_hand(tmp_path, hub, credentials.key_id, body, page_script())
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout) == {"results": []}
    assert [verified.key_id for verified in hub.verified] == [credentials.key_id]
    assert hub.bodies == [BODY.encode()]


def test_the_page_with_one_sign_wrong(tmp_path: Path, hub: VerifyingHub, credentials: Credentials, body: Path) -> None:
    script = page_script().replace('"@method": POST', '"@method": PUT')
    done = by_hand(tmp_path, hub, credentials.key_id, body, script)
    assert done.returncode != 0
    assert json.loads(done.stdout)["findings"][0]["code"] == "SIG-001"
    assert hub.verified == []


def test_the_command(tmp_path: Path, hub: VerifyingHub, credentials: Credentials, body: Path) -> None:
    done = veta(tmp_path, "call", "post", "/movements/check", "--body", str(body), "--as", "demo-ottm-1", url=hub.url)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"results": []}
    assert hub.verified[0].target_uri == f"{hub.url}/api/v1/movements/check"


def test_the_key_that_follows_is_asked_for_with_the_one_that_is_good(
    tmp_path: Path, hub: VerifyingHub, credentials: Credentials
) -> None:
    asked = veta(tmp_path, "new-key", "demo-ottm-1", "--next")
    found = load("DEMO-OTTM-1", tmp_path / "operators" / "DEMO-OTTM-1.next.pem")
    assert found.key_id != credentials.key_id
    assert found.key_id in asked.stderr
    public = base64.b64encode(found.public_key).decode()
    assert json.loads(asked.stdout) == {"public_key": public, "purpose": "signing", "proof": found.proof()}
    again = veta(tmp_path, "new-key", "demo-ottm-1", "--next")
    assert (again.returncode, again.stdout) == (1, "")


def test_the_command_refused_and_unanswered(tmp_path: Path, hub: VerifyingHub, credentials: Credentials) -> None:
    hub.orders = [404]
    refused = veta(tmp_path, "call", "GET", "minerals", "--as", "DEMO-OTTM-1", url=hub.url)
    assert (refused.returncode, json.loads(refused.stderr)["title"]) == (1, "no")
    nobody = veta(tmp_path, "call", "GET", "minerals", "--as", "X-1", url=hub.url)
    assert nobody.returncode == 1
    assert "new-key" in nobody.stderr
