"""The bench runs from end to end, on few movements: what it measures is answered without a fault."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="CPU is read in /proc")


def test_a_short_run_measures_everything(new_home: Callable[[], Path]) -> None:
    home = new_home()
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    command = [sys.executable, "-m", "bench", "--profile", "smoke", "--home", str(home)]
    done = subprocess.run(command, cwd=ROOT, env=environment, text=True, capture_output=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    page = (home / "results.md").read_text()
    assert page in done.stdout
    for row in ("HTTP, one by one", "HTTP, batches of 20", "service, no HTTP", "floor", "naive peer", "| 100 | 20 |"):
        assert row in page
    assert "A short run" in page
