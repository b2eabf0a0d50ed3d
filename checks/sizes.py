"""Fail where a module is over 500 lines or a function over 60; data and migrations are exempt.

`python -m checks.sizes [FOLDER …]` prints what is too long and exits with 1, or says how much it looked at.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

LONGEST_MODULE = 500
LONGEST_FUNCTION = 60
EXEMPT = {"migrations", "data"}
FOLDERS = ("src", "tests", "bench", "checks")


def oversized(path: Path) -> Iterator[str]:
    """What is too long in one module: itself, or its functions, docstring and decorators counted."""
    text = path.read_text()
    lines = len(text.splitlines())
    if lines > LONGEST_MODULE:
        yield f"{path}: {lines} lines, at most {LONGEST_MODULE}"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LONGEST_FUNCTION:
                yield f"{path}:{node.lineno}: {node.name} has {length} lines, at most {LONGEST_FUNCTION}"


def modules(folders: list[str]) -> list[Path]:
    """The modules under the folders, in order, without the exempt ones."""
    found = {path for folder in folders for path in Path(folder).rglob("*.py")}
    return sorted(path for path in found if not EXEMPT & set(path.parts))


def main(arguments: list[str]) -> int:
    """Print what is too long; 1 if anything is."""
    looked_at = modules(arguments or [folder for folder in FOLDERS if Path(folder).is_dir()])
    broken = [line for path in looked_at for line in oversized(path)]
    for line in broken:
        print(line)
    print(f"sizes: {len(looked_at)} modules, {len(broken)} too long")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
