"""A file of prices: read, previewed row by row, and entered resolution by resolution, each whole or not at all."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from veta.norms import norms
from veta.prices import cells as read
from veta.prices.services.resolutions import Entered, NewPrice, NewResolution, enter_resolution
from veta.registry.importers.cells import CellFault, aligned
from veta.registry.importers.reading import open_source
from veta.registry.importers.rows import Preview, PreviewedRow, Rejection, Repair, SourceRow

COLUMNS = (
    "resolution", "issued", "published", "periodicity", "valid_from", "valid_to", "mineral", "market", "zone",
    "producer_class", "unit", "price_cop",
)  # fmt: skip
SOURCE = "prices"


@dataclass(frozen=True, slots=True)
class PriceRow:
    """What a row says: its act and one of the act's prices."""

    number: str
    issued_on: date
    published_on: date | None
    periodicity: str
    price: NewPrice

    @property
    def act(self) -> tuple[str, date]:
        """What rows of one resolution share."""
        return (self.number, self.issued_on)


def preview_prices(path: Path) -> Preview[PriceRow]:
    """What entering the file would do, row by row. Raises ImportRefused where it cannot be read as this table.

    Rejected: cells that cannot be, a price of zero or less, two prices of one subject, market, zone and class on one
    day, rows of one resolution that disagree on its own data, and every row of a resolution that has any of these.
    """
    with open_source(path, COLUMNS) as source:
        rows = [_previewed(row) for row in source.rows]
        return Preview(SOURCE, path.name, source.digest, source.encoding, _whole(_compared(rows)))


def enter_prices(preview: Preview[PriceRow], *, by: str, demo: bool = False) -> list[Entered]:
    """Enter the resolutions whose rows were all accepted; they wait for another person. Raises PriceRefused."""
    acts: dict[tuple[str, date], list[PriceRow]] = {}
    for _, record in preview.accepted():
        acts.setdefault(record.act, []).append(record)
    return [enter_resolution(_resolution(rows, preview, demo), by=by) for rows in acts.values()]


def _resolution(rows: list[PriceRow], preview: Preview[PriceRow], demo: bool) -> NewResolution:
    first = rows[0]
    return NewResolution(
        issuer="DEMO" if demo else str(norms().value("price.issuer", first.issued_on).value),
        number=first.number, issued_on=first.issued_on, published_on=first.published_on,
        periodicity=first.periodicity, file_name=preview.file_name, digest=preview.file_digest,
        prices=tuple(row.price for row in rows), demo=demo,
    )  # fmt: skip


def _previewed(row: SourceRow) -> PreviewedRow[PriceRow]:
    repairs: list[Repair] = []
    try:
        record = _record(aligned(row.cells), repairs)
    except CellFault as fault:
        return PreviewedRow(row, None, tuple(repairs), fault.rejection)
    return PreviewedRow(row, record, tuple(repairs))


def _record(cells: Mapping[str, str], repairs: list[Repair]) -> PriceRow:
    number = read.required(cells, "resolution")
    issued = read.day(cells, "issued", repairs)
    published = read.day(cells, "published", repairs) if cells.get("published") else None
    if published is not None and published < issued:
        raise CellFault("published", str(published), "Se publicó antes de expedirse.", "Revise las dos fechas.")
    every = read.periodicity(cells)
    start, end = read.validity(cells, every, repairs)
    price = NewPrice(
        subject=read.subject(cells, repairs), market=read.market(cells), zone=cells.get("zone", "")[:80],
        producer_class=cells.get("producer_class", "")[:80], unit=read.unit(cells), micros=read.price(cells, repairs),
        valid_from=start, valid_to=end, certificate=cells.get("certificate", "")[:80],
    )  # fmt: skip
    return PriceRow(number, issued, published, every, price)


def _compared(rows: list[PreviewedRow[PriceRow]]) -> list[PreviewedRow[PriceRow]]:
    """Reject a row that shares key and a day with an earlier one, or that says its own act otherwise."""
    acts: dict[tuple[str, date], PriceRow] = {}
    seen: dict[tuple[str, str, str, str], list[tuple[date, date, int]]] = {}
    out = []
    for row in rows:
        record = row.record
        if record is None:
            out.append(row)
            continue
        first = acts.setdefault(record.act, record)
        clash = next(
            (line for start, end, line in seen.get(record.price.key, ())
             if start <= record.price.valid_to and record.price.valid_from <= end), None
        )  # fmt: skip
        if clash is not None:
            cause = f"Otra fila (la {clash}) fija el precio de lo mismo en esos días."
            out.append(_reject(row, "valid_from", str(record.price.valid_from), cause, "Deje una de las dos."))
        elif (first.published_on, first.periodicity) != (record.published_on, record.periodicity):
            cause = "La misma resolución trae otra publicación o periodicidad en otra fila."
            out.append(_reject(row, "resolution", record.number, cause, "Escriba los mismos datos del acto."))
        else:
            seen.setdefault(record.price.key, []).append((record.price.valid_from, record.price.valid_to, row.row.line))
            out.append(row)
    return out


def _whole(rows: list[PreviewedRow[PriceRow]]) -> list[PreviewedRow[PriceRow]]:
    """A resolution enters whole: where one of its rows was rejected, all are."""
    broken = {row.row.cells.get("resolution", ""): row.row.line for row in reversed(rows) if row.rejection}
    out = []
    for row in rows:
        line = broken.get(row.row.cells.get("resolution", ""))
        if line is not None and row.rejection is None:
            cause = f"La fila {line} de la misma resolución se rechazó, y una resolución entra completa o no entra."
            row = _reject(
                row, "resolution", row.row.cells["resolution"], cause, "Corrija esa fila y traiga el archivo."
            )
        out.append(row)
    return out


def _reject(row: PreviewedRow[PriceRow], column: str, value: str, cause: str, remedy: str) -> PreviewedRow[PriceRow]:
    return replace(row, record=None, rejection=Rejection(column, value, cause, remedy))
