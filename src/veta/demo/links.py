"""The demonstration's line to each operator's process: tasks in, answers out."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import Future
from itertools import count
from pathlib import Path
from typing import Any, Self

import orjson

from veta.demo.keep import DemoRefused, key_path
from veta.demo.world import World

Answer = dict[str, Any]


class Operator:
    """One operator's process, started here and ended with the demonstration."""

    def __init__(self, code: str, *, key: Path, url: str, origin: str | None) -> None:
        self.code = code
        self._numbers, self._waiting = count(1), dict[int, Future[Answer]]()
        self._lock = threading.Lock()
        command = [sys.executable, "-m", "veta.demo.operator", code, str(key), url, *([origin] if origin else [])]
        # Out of the terminal's group: Ctrl+C is ours to hear, and its input's end tells it to finish.
        self._process = subprocess.Popen(  # noqa: S603 - ourselves
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, do: str, **task: Any) -> Future[Answer]:
        """Give it a task; tasks given at once are done at once."""
        future: Future[Answer] = Future()
        with self._lock:
            number = next(self._numbers)
            self._waiting[number] = future
            assert self._process.stdin is not None
            try:
                self._process.stdin.write(orjson.dumps({"n": number, "do": do, **task}) + b"\n")
                self._process.stdin.flush()
            except OSError:
                future.set_exception(self._died())
        return future

    def close(self) -> None:
        """End its process: it finishes what it was doing first."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            answer = orjson.loads(line)
            self._waiting.pop(answer.pop("n")).set_result(answer)
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self._died())

    def _died(self) -> DemoRefused:
        return DemoRefused(
            f"El proceso del operador {self.code} terminó antes de tiempo. Vuelva a correr la demostración."
        )


class Operators:
    """The operators' processes by code, for the length of a `with`."""

    def __init__(self, world: World, *, home: Path, url: str, origin: str | None) -> None:
        self._made = {
            code: Operator(code, key=key_path(home, code), url=url, origin=origin) for code, _ in world.operators
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for operator in self._made.values():
            operator.close()

    def __getitem__(self, code: str) -> Operator:
        return self._made[code]

    @property
    def codes(self) -> list[str]:
        return list(self._made)
