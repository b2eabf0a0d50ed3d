"""The `veta` command. Each module beside this one that has an `app` is a group of verbs under its own name.

A module of verbs imports nothing heavy at its top: it is loaded whatever verb is called. What it needs of Django
it imports inside the verb, after `veta.cli.environment.open_django`.
"""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import typer
from typer.core import TyperGroup

import veta.cli
from veta.config.postgres import PostgresError
from veta.kernel.errors import DomainError


class Veta(TyperGroup):
    """The group of groups: an error that carries its remedy is shown as that, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb. Ends with 1 where it raises one of our own errors, and as the verb says where it said it."""
        try:
            return super().invoke(ctx)
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


app = typer.Typer(
    cls=Veta,
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    help="Veta: trazabilidad de minerales. Plataforma, operadores, obligaciones y prueba.",
)


@app.callback()
def main() -> None:
    """Veta: trazabilidad de minerales. Plataforma, operadores, obligaciones y prueba."""


for found in sorted(iter_modules(veta.cli.__path__), key=lambda module: module.name):
    if found.name != "main":
        verbs = getattr(import_module(f"veta.cli.{found.name}"), "app", None)
        if isinstance(verbs, typer.Typer):
            app.add_typer(verbs, name=found.name)


if __name__ == "__main__":
    app()
