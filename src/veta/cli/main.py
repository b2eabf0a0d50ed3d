"""The `veta` command: one module per group of verbs."""

import typer

app = typer.Typer(no_args_is_help=True, help="Veta: trazabilidad de minerales.")


@app.callback()
def main() -> None:
    """Trazabilidad de minerales: plataforma, operadores, obligaciones y prueba."""


if __name__ == "__main__":
    app()
