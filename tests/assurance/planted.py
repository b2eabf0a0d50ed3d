"""Faults planted from outside: a process runs on a patched copy of one module; the product knows nothing of it.

A folder with a `sitecustomize.py` goes before everything in PYTHONPATH: what it names is loaded from its changed text.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SOURCES = Path(__file__).parents[2] / "src"

_LOADER = '''
import importlib.machinery, importlib.util, pathlib, sys

HERE = pathlib.Path(__file__).parent


class Planted:
    """Finds the patched copies first."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        copy = HERE / (name + ".planted")
        if not copy.exists():
            return None
        loader = importlib.machinery.SourceFileLoader(name, str(copy))
        return importlib.util.spec_from_file_location(name, copy, loader=loader)


sys.dont_write_bytecode = True
sys.meta_path.insert(0, Planted)
'''


@dataclass(frozen=True)
class Fault:
    """A change of one module's text: each `(old, new)` must be found exactly once, so that none is planted in vain."""

    module: str
    changes: tuple[tuple[str, str], ...]

    def text(self) -> str:
        """The module's text with the fault in it."""
        text = (SOURCES / Path(*self.module.split("."))).with_suffix(".py").read_text()
        for old, new in self.changes:
            assert text.count(old) == 1, f"{self.module} has changed: plant this fault anew: {old!r}"
            text = text.replace(old, new)
        return text


def plant(folder: Path, *faults: Fault) -> Path:
    """Write the copies into `folder`, to stand first in PYTHONPATH; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sitecustomize.py").write_text(_LOADER)
    for fault in faults:
        (folder / f"{fault.module}.planted").write_text(fault.text())
    return folder
