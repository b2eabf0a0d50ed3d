"""The slices' import contracts hold, and each contract can be seen to break."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def lint(root: Path) -> tuple[int, str]:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache", "--config", root / "pyproject.toml"]
    path = os.pathsep.join([str(root), str(root / "src")])
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "PYTHONPATH": path}, text=True, capture_output=True, check=False
    )
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_every_contract_is_kept() -> None:
    code, said = lint(ROOT)
    assert code == 0, said
    assert "6 kept, 0 broken" in said


# Where it is planted, the import, and what the contract says.
FAULTS = [
    ("ledger/services.py", "import veta.movements.domain", "veta.ledger.services -> veta.movements.domain"),
    ("movements/queries/__init__.py", "import veta.registry.models", "veta.movements.queries → veta.registry.models"),
    ("node/__init__.py", "import veta.registry.services", "veta.node → veta.registry.services"),
    ("node/__init__.py", "import veta.hub", "veta.node -> veta.hub"),
    (
        "transparency/verifier/merkle.py",
        "import veta.transparency.domain",
        "veta.transparency.verifier.merkle -> veta.transparency.domain",
    ),
    ("kernel/period.py", "import django", "veta.kernel.period -> django"),
    ("registry/domain.py", "import veta.kernel.clock", "veta.registry.domain -> veta.kernel.clock"),
]


@pytest.mark.parametrize(("module", "line", "expected"), FAULTS, ids=[expected for *_, expected in FAULTS])
def test_a_planted_import_is_refused(tmp_path: Path, module: str, line: str, expected: str) -> None:
    for part in ("src", "checks"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    planted = tmp_path / "src" / "veta" / module
    planted.write_text(f"{line}\n{planted.read_text()}")
    code, said = lint(tmp_path)
    assert code == 1
    assert expected in said
