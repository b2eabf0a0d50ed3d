"""What the verbs share: who acts, on which day, what file is read, and how it is shown on a terminal or in a pipe."""

import getpass
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from veta.config.postgres import PostgresError
from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.period import bogota_date

if TYPE_CHECKING:
    from rich.console import Console

Many = list[str]
Day = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="Fecha (AAAA-MM-DD); hoy, si no se da.")
]
By = Annotated[str, typer.Option("--as", help="Quién lo hace: la cuenta o el nombre.")]
Case = Annotated[Path | None, typer.Option("--file", help="El caso en JSON («-» lo lee de la entrada).")]


def day_of(on: datetime | None) -> date:
    """The day asked for, or today in Bogotá."""
    return on.date() if on is not None else bogota_date(SystemClock().now())


def author(by: str) -> str:
    """Who acts: the one named, or the user of this console."""
    return by or f"consola:{getpass.getuser()}"


def bytes_of(file: Path, option: str) -> bytes:
    """What a file holds; «-» is standard input. Raises BadParameter for `option` where there is no such file."""
    if str(file) == "-":
        return sys.stdin.buffer.read()
    if not file.is_file():
        raise typer.BadParameter(f"no existe {file}", param_hint=option)
    return file.read_bytes()


def lines_of(columns: dict[str, list[str]]) -> list[dict[str, str]]:
    """Options that are repeated, one value for each line, as lines; what was not given is left out."""
    count = max((len(values) for values in columns.values()), default=0)
    return [
        {name: values[i] for name, values in columns.items() if i < len(values) and values[i]} for i in range(count)
    ]


@contextmanager
def errors_on_screen() -> Iterator[None]:
    """An error of our own carries its remedy: it is shown as that, without a trace, and ends the command with 1."""
    try:
        yield
    except (typer.Exit, typer.Abort):
        raise
    except Exception as error:
        own = _own(error)
        if own is None:
            raise
        typer.secho(str(own), err=True, fg=typer.colors.RED)
        raise typer.Exit(1) from error


def _own(error: BaseException | None) -> DomainError | PostgresError | None:
    """The error of ours that this one is, or was raised from: a database driver's may hide the server's own."""
    while error is not None and not isinstance(error, DomainError | PostgresError):
        error = error.__cause__
    return error


def print_findings(refused: DomainError) -> None:
    """What is wrong with a case, as the API says it."""
    from veta.kernel.finding import Finding

    findings = refused.findings or (Finding(refused.code, "blocking", "", "Contrato de la interfaz", refused.message),)
    typer.echo(json.dumps({"findings": [finding.as_json() for finding in findings]}, ensure_ascii=False, indent=2))


def console(*, error: bool = False, piped: int = 180) -> "Console":
    """The terminal as wide as it is; in a pipe, `piped` columns, so that tables keep their words whole."""
    from rich.console import Console

    stream = sys.stderr if error else sys.stdout
    return Console(stderr=error, width=None if stream.isatty() else piped, highlight=False)


@contextmanager
def progress(what: str, *, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """A bar on standard error; what it gives is told how many more are done."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    with Progress(*columns, TaskProgressColumn(), console=console(error=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda n: bar.update(task, advance=n)
