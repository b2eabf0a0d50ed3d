"""The client's workbook back: its own where it may be, with repaired cells in yellow, rejected ones in red and why."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.utils.translation import gettext as _

from veta.node.models import Sheet, SheetFile
from veta.node.ooxml import NotInPlace
from veta.node.sheet_anew import write_anew
from veta.node.sheet_in_place import write_in_place
from veta.node.sheet_told import layout_of, told_of


def write_back(sheet: Sheet, path: Path) -> None:
    """Write the workbook to a path: what is found stands on its cells, how each row is doing beside it, and all of it
    in a sheet of its own. What is not an .xlsx, or may not go back as it came, is written anew, and says so."""
    layout = layout_of(sheet)
    why = ""
    if Path(sheet.file_name).suffix.lower() in (".xlsx", ".xlsm"):
        with tempfile.NamedTemporaryFile(suffix=".xlsx") as source:
            source.write(SheetFile.objects.get(pk=sheet.pk).content)
            source.flush()
            try:
                write_in_place(Path(source.name), path, told_of(sheet), layout)
            except NotInPlace as cause:
                reason = str(cause) if cause.args else _("tiene otra forma por dentro")
                why = _("Esta es una copia de su libro, sin su formato ni sus fórmulas: el original %(reason)s.") % {
                    "reason": reason
                }
            else:
                return
    write_anew(sheet, path, told_of(sheet), layout, why=why)
