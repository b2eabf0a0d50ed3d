"""What the demonstration shows: progress while it works, then one page of results."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from veta.demo.officers import DemoOfficer
from veta.demo.sending import BATCH
from veta.demo.tally import VERDICTS
from veta.demo.world import World

if TYPE_CHECKING:
    from veta.demo.certified import Certified
    from veta.demo.checks import Checked
    from veta.demo.files import Imported
    from veta.demo.job import Outcome
    from veta.demo.node import OpenNode
    from veta.demo.sending import Pace

STATES = {
    "accepted": "aceptados", "pending": "en espera de la contraparte", "refused": "ofertas no aceptadas",
    "withdrawn": "ofertas retiradas", "rejected": "rechazados",
}  # fmt: skip
SEVERITIES = {"blocking": "bloquea", "warning": "avisa", "info": "informa"}
SHOWN = 10
NEXT = (
    (".venv/bin/veta ledger audit", "todas las comprobaciones del libro"),
    (".venv/bin/veta movements replay --all", "cada veredicto, decidido otra vez"),
    (".venv/bin/veta log verify --database", "el registro público, con código que no comparte nada con él"),
    (".venv/bin/veta calls verify DEMO-OTTM-2026", "la historia de la convocatoria, repetida"),
    (".venv/bin/veta norms list", "los parámetros legales, con su fecha y su norma"),
    (".venv/bin/veta registry show DEMO-001", "lo que el registro sabe de un título"),
)


def _number(value: float) -> str:
    """A whole number as it is written here: «1.234»."""
    return f"{value:,.0f}".replace(",", ".")


def _seconds(value: float) -> str:
    return f"{value:.1f} s".replace(".", ",")


class Screen:
    """The demonstration's page on a terminal; where there is none, plain lines."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)

    def say(self, line: str) -> None:
        self.console.print(line, soft_wrap=True)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Work of unknown length, under a turning mark."""
        with self._progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()) as progress:
            progress.add_task(what, total=None)
            yield
        self._done(what)

    @contextmanager
    def counting(self, what: str) -> Iterator[Callable[[], None]]:
        """Work whose steps are told one by one."""
        columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed}"), TimeElapsedColumn())
        with self._progress(*columns) as progress:
            task = progress.add_task(what, total=None)
            yield lambda: progress.advance(task)
        self._done(what)

    @contextmanager
    def sending(self, shares: Mapping[str, int]) -> Iterator[Callable[[str, int], None]]:
        """A bar for each operator, of what it has to send."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with self._progress(*columns) as progress:
            tasks = {code: progress.add_task(f"Envía {code}", total=total) for code, total in sorted(shares.items())}
            yield lambda code, count: progress.advance(tasks[code], count)
        self._done("El mes quedó enviado")

    def _progress(
        self, *columns: TextColumn | BarColumn | SpinnerColumn | MofNCompleteColumn | TimeElapsedColumn
    ) -> Progress:
        return Progress(*columns, console=self.console, transient=True, disable=not self.console.is_terminal)

    def _done(self, what: str) -> None:
        self.console.print(f"[green]✓[/green] {what}")

    def imported(self, imported: Imported) -> None:
        """Say what real data entered, and that nothing invented hangs from it."""
        self.say(
            f"Datos reales: {_number(imported.municipalities)} municipios; RUCOM, {_number(imported.rows)} filas"
            f" ({imported.rejected} rechazadas), {_number(imported.titles)} títulos nuevos o con cambios. Ningún"
            " título, empresa o persona real recibe movimientos inventados."
        )

    def world(self, world: World, *, new: bool) -> None:
        """Say who is in the world, and whether it was there before."""
        known = "cargado ahora" if new else "ya estaba en esta base de datos: se usa el mismo y se le envía otro mes"
        self.say(
            f"Mundo ficticio, {known}: {len(world.titles)} títulos, {len(world.miners)} mineros de subsistencia,"
            f" {len(world.plants)} plantas, {len(world.traders)} comercializadores y"
            f" {len(world.exporters)} exportadores."
        )

    def operators(self, processes: Sequence[tuple[str, int]]) -> None:
        self.say(
            "Operadores, cada uno en su proceso y con su llave: " + ", ".join(f"{c} ({pid})" for c, pid in processes)
        )

    def outcome(self, outcome: Outcome) -> None:
        """The page of results, and every difference."""
        self._verdicts(outcome)
        self._findings(outcome)
        self._frauds(outcome)
        self._pace(outcome.pace)
        self._checked("Libro", outcome.ledger, "descuadre {wrong}, en {looked_at} comprobaciones")
        self._checked("Veredictos", outcome.verdicts, "{looked_at} decididos otra vez, {wrong} diferencias")
        self._checked("Numeración", outcome.numbers, "{looked_at} hojas, {wrong} saltos")
        self._log(outcome)
        self._certified(outcome.certified)
        differences = outcome.tally.differences
        for line in differences[:SHOWN]:
            self.say(f"[red]✗ {line}[/red]")
        if len(differences) > SHOWN:
            self.say(f"[red]✗ … y {len(differences) - SHOWN} diferencias más.[/red]")
        verdict = (
            "[bold green]Todo salió como debía.[/bold green]"
            if outcome.good
            else "[bold red]Algo no salió como debía.[/bold red]"
        )
        self.say(verdict)

    def officers(self, officers: Sequence[DemoOfficer], *, password: str) -> None:
        """Who may sign in, as what; each code is a second factor, once."""
        if not officers:
            self.say("Esta base de datos ya tiene otra administración: no se crearon cuentas de demostración.")
            return
        self.say("Personas ficticias: rol, correo, códigos de un solo uso")
        for each in officers:
            self.say(f"  {each.role:<28}{each.email:<27}{' '.join(each.codes)}")
        self.say(f"La contraseña de todas es [bold]{password}[/bold]; el código va en el segundo factor.")

    def miner(self, link: str) -> None:
        """Where a miner reads what was sold in his name."""
        if link:
            self.say(f"La página de un minero, por tres días: [bold]{link}[/bold]")

    def call(self, url: str, code: str) -> None:
        """Where the call for operators is, and that its hour is not today's."""
        if code:
            self.say(f"La convocatoria de operadores, a mitad de camino: [bold]{url}/convocatorias/{code}/[/bold]")

    def node(self, node: OpenNode) -> None:
        """The operator's node beside the hub, and who may sign in there."""
        self.say(
            f"\nEl nodo del operador {node.operator} queda abierto en [bold]{node.url}[/bold]: {node.told['records']}"
            f" capturas de tres clientes: {node.told['accepted']} aceptadas por la plataforma,"
            f" {node.told['pending']} que esperan respuesta y {node.told['rejected']} rechazada. Entran, con la misma"
            " contraseña:"
        )
        for role, email, codes in node.people:
            self.say(f"  {role:<28}{email:<27}{' '.join(codes)}")
        card = node.card
        self.say(
            "Su mostrador compra a un minero con esta tarjeta ficticia: entre como [bold]mostrador@demo.invalid[/bold],"
            f" abra el cliente y «Mostrador».\n  letras [bold]{card.letters}[/bold]  PIN [bold]{card.pin}[/bold]  "
            f"({card.document})"
        )

    def next_steps(self, url: str, *, ours: bool) -> None:
        """Where to look now that it is done."""
        self.say(f"\nLa plataforma queda abierta en [bold]{url}[/bold]" + (" (Ctrl+C la cierra)." if ours else "."))
        self.say("Puede seguir con, en otra terminal:")
        for command, what in NEXT:
            self.say(f"  [bold]{command}[/bold]  {what}")

    def _verdicts(self, outcome: Outcome) -> None:
        table = Table("Movimientos", "Cuántos", title="Movimientos por veredicto", title_justify="left")
        table.columns[1].justify = "right"
        for state in VERDICTS:
            table.add_row(STATES[state], _number(outcome.tally.states[state]))
        table.add_section()
        table.add_row("en total", _number(outcome.tally.movements))
        self.console.print(table)

    def _findings(self, outcome: Outcome) -> None:
        table = Table("Hallazgo", "Efecto", "Cuántos", title="Hallazgos por código", title_justify="left")
        table.columns[2].justify = "right"
        for (code, severity), count in sorted(outcome.tally.findings.items()):
            table.add_row(code, SEVERITIES[severity], _number(count))
        self.console.print(table)

    def _frauds(self, outcome: Outcome) -> None:
        table = Table("", "Fraude", "Hallazgo", title="Fraudes plantados", title_justify="left")
        for fraud in outcome.frauds:
            mark = "[green]✓[/green]" if fraud.as_expected else "[red]✗[/red]"
            seen = "" if fraud.as_expected else f" (llegó: {', '.join(fraud.seen) or 'ninguno'})"
            table.add_row(mark, fraud.name, fraud.code + seen)
        self.console.print(table)
        caught = sum(fraud.as_expected for fraud in outcome.frauds)
        self.say(f"[bold]Fraudes detectados: {caught} de {len(outcome.frauds)}[/bold]")

    def _pace(self, pace: Pace) -> None:
        batched, single = _number(pace.batched), _number(pace.single)
        self.say(
            f"[bold]{_number(pace.overall)} movimientos por segundo[/bold], por HTTP firmado, de dos procesos, del"
            f" primer envío a la última respuesta: {_number(pace.in_batches)}/s en lotes de {BATCH} ({batched} en"
            f" {_seconds(pace.batched_seconds)}) y {_number(pace.one_by_one)}/s las respuestas, una a una"
            f" ({single} en {_seconds(pace.single_seconds)})."
        )

    def _log(self, outcome: Outcome) -> None:
        self._checked("Registro público", outcome.log.checked, "{looked_at} hojas verificadas aparte, {wrong} fallas")
        if outcome.log.checkpoint:
            self.say("  Punto de control, firmado por el registro y por su testigo:")
            for line in outcome.log.checkpoint.rstrip("\n").split("\n"):
                self.say(f"    {line}")

    def _certified(self, certified: Certified | None) -> None:
        """The exported doré's certificate: where its paper is, its token, and whether it verifies offline."""
        if certified is None:
            self.say("[red]✗ El doré exportado quedó sin su certificado.[/red]")
            return
        mark = "[green]✓[/green]" if certified.good else "[red]✗[/red]"
        self.say(f"{mark} Certificado de origen {certified.number} del doré exportado, comprobado sin red:")
        self.say(f"  papel   {certified.paper}")
        self.say(f"  código  {certified.token}")

    def _checked(self, what: str, checked: Checked, words: str) -> None:
        mark = "[red]✗[/red]" if checked.wrong else "[green]✓[/green]"
        self.say(f"{mark} {what}: {words.format(wrong=_number(checked.wrong), looked_at=_number(checked.looked_at))}.")
        for line in checked.words:
            self.say(f"  {line}")
