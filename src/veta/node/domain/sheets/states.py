"""Where a workbook is on its way."""

from enum import StrEnum


class SheetState(StrEnum):
    """`reading` and `applying` are under way; `refused` is a file of which nothing could be read."""

    READING = "reading"
    READY = "ready"
    REFUSED = "refused"
    APPLYING = "applying"
    APPLIED = "applied"


UNDER_WAY = (SheetState.READING, SheetState.APPLYING)
