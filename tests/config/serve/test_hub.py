"""`veta serve hub` stays up: whatever of it is killed comes back, and when told to end nothing is left."""

import contextlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.assurance.running import slowness
from veta.config.postgres import processes
from veta.config.postgres.errors import PostgresError
from veta.config.postgres.place import SERVED
from veta.config.postgres.server import ensure_running, find_place
from veta.config.serve import Home

SOURCES = Path(__file__).parents[3] / "src"
BACK_WITHIN = 5.0
LARGEST = 300 * 2**20
# What the processes of the hub are called in /proc: this, and their name.
CHILD = "veta "

pytestmark = pytest.mark.skipif(not Path("/proc").is_dir(), reason="the processes are found in /proc")


class Hub:
    """A hub of the test's own: its home, its process, its address."""

    def __init__(self, home: Path, log: Path) -> None:
        self.home, self.log = home, log
        environment = {key: value for key, value in os.environ.items() if not key.startswith(("VETA_", "DATABASE_"))}
        environment |= {"VETA_HOME": str(home), "PYTHONPATH": str(SOURCES)}
        command = [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", "0", "--threads", "4"]
        self.started = time.monotonic()
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                command, env=environment, cwd=home.parent, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        wait(lambda: "está abierta en" in log.read_text() or self.process.poll() is not None, seconds=60)
        self.opened = time.monotonic()
        address = re.search(r"abierta en http://([\d.]+):(\d+)", log.read_text())
        if address is None:
            self.end()
            pytest.fail(f"the hub did not open:\n{log.read_text()[-3000:]}")
        self.host, self.port = address[1], int(address[2])

    def answers(self) -> bool:
        """Whether a request gets any answer but a server error."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=BACK_WITHIN)
        try:
            connection.request("GET", "/nowhere")
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def children(self) -> dict[int, str]:
        """The hub's processes by id, each with its name, the supervisor left out."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    called = (entry / "comm").read_text().strip()
                    environment = (entry / "environ").read_bytes().decode()
                    if called.startswith(CHILD) and f"VETA_HOME={self.home}\0" in environment:
                        found[int(entry.name)] = called.removeprefix(CHILD)
        return found

    def web(self) -> set[int]:
        """The ids of the web processes, Granian's parents and workers alike."""
        return {pid for pid, words in self.children().items() if words.startswith("web")}

    def end(self) -> int:
        """Tell it to end, and wait."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(timeout=30)


def wait(done: Callable[[], bool], *, seconds: float) -> bool:
    return processes.wait_until(done, seconds=seconds)


@pytest.fixture(scope="module")
def home(new_home: Callable[[], Path]) -> Path:
    return new_home()


@pytest.fixture
def hub(home: Path, tmp_path: Path) -> Iterator[Hub]:
    started = Hub(home, tmp_path / "log")
    yield started
    started.end()
    assert wait(lambda: not started.children(), seconds=10)


def test_a_second_start_is_fast_small_and_ends_clean(hub: Hub, home: Path, tmp_path: Path) -> None:
    assert hub.answers()
    assert hub.end() == 0
    assert wait(lambda: not hub.children(), seconds=10)
    again = Hub(home, tmp_path / "again")
    # In seconds of processor, which others on the machine do not change: its clock's are never more on a free one.
    assert sum(map(worked, [*again.children(), again.process.pid])) < 8
    assert wait(lambda: "announcer" not in again.children().values(), seconds=10)
    sizes = {pid: resident(pid) for pid in [*again.children(), again.process.pid]}
    assert len(again.web()) == 4
    assert max(sizes.values()) < LARGEST, sizes
    assert again.end() == 0


def worked(pid: int) -> float:
    """Seconds of processor that a process used, and those that it waited for."""
    with contextlib.suppress(OSError):  # who announced it has ended since
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def resident(pid: int) -> int:
    return int(Path("/proc", str(pid), "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize("victims", ["one", "all"])
def test_killed_web_processes_come_back_and_nobody_is_refused(hub: Hub, victims: str) -> None:
    before = hub.web()
    for pid in sorted(before)[-1:] if victims == "one" else before:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    since = time.monotonic()
    # Connections made while the workers are dead wait in the supervisor's socket.
    assert hub.answers()
    assert time.monotonic() - since < BACK_WITHIN * slowness()
    assert wait(lambda: len(hub.web() - before) >= (2 if victims == "one" else 4), seconds=BACK_WITHIN * slowness())


def test_the_database_killed_comes_back_by_itself(hub: Hub) -> None:
    place = find_place(hub.home)
    for pid in processes.living_in(place.data):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    # Nobody asked for it but the jobs worker, which is started again and needs it.
    assert wait(lambda: processes.postmaster(place.data) is not None, seconds=20)


def test_a_killed_supervisor_leaves_no_orphans(hub: Hub) -> None:
    assert hub.children()
    hub.process.kill()
    hub.process.wait()
    assert wait(lambda: not hub.children(), seconds=15), hub.children()


def test_a_home_deleted_under_it_ends_it_and_nothing_is_made_in_its_place(hub: Hub) -> None:
    server = processes.postmaster(find_place(hub.home).data)
    assert server is not None
    while hub.home.exists():
        shutil.rmtree(hub.home, ignore_errors=True)
    assert hub.process.wait(timeout=20) == 1
    assert "Veta se cierra: restáurel" in hub.log.read_text()  # of the home, or of the cluster that went first
    assert wait(lambda: not hub.children(), seconds=10)
    assert not hub.home.exists()
    with contextlib.suppress(ProcessLookupError):
        os.kill(server, signal.SIGQUIT)  # it ends by itself within a minute


@pytest.mark.parametrize("gone", ["home", "cluster"])
def test_a_supervised_process_makes_no_other_home_nor_cluster(
    new_home: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    home = new_home()
    (home / "pg").mkdir(parents=True, mode=0o700)
    served = Home.of(home)
    monkeypatch.setenv(SERVED, served.identity)
    assert served.lost() is None
    if gone == "home":
        home.rename(home.with_name("other"))
        home.mkdir()
        assert served.lost() is not None
    with pytest.raises(PostgresError, match="Restáurel"):
        ensure_running(home)
    assert not (home / "pg" / "PG_VERSION").exists()


def test_a_taken_port_is_told_with_its_remedy(hub: Hub, tmp_path: Path) -> None:
    environment = {**os.environ, "VETA_HOME": str(hub.home), "PYTHONPATH": str(SOURCES)}
    command = [sys.executable, "-m", "veta.cli.main", "serve", "hub", "--port", str(hub.port)]
    done = subprocess.run(command, env=environment, cwd=tmp_path, text=True, capture_output=True, check=False)
    assert done.returncode == 1
    assert f"No se puede escuchar en 127.0.0.1:{hub.port}" in done.stderr
    assert "--port" in done.stderr
