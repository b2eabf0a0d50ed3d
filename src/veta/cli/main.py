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
from veta.cli.screen import errors_on_screen


class Veta(TyperGroup):
    """The group of groups: an error that carries its remedy is shown as that, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb. Ends with 1 where it raises one of our own errors, and as the verb says where it said it."""
        with errors_on_screen():
            return super().invoke(ctx)


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
