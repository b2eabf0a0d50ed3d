"""An example of each kind's workbook, as its template shows it: fictitious parties, lots that nobody has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

Row = Mapping[str, str]
_LOT_A: Final = "01980000-0000-7000-8000-00000000000a"
_LOT_B: Final = "01980000-0000-7000-8000-00000000000b"
_DISPATCH: Final = "01980000-0000-7000-8000-00000000000d"
_DAY: Final = {"date": "09/11/2026", "hour": "14:05"}
_INVOICE: Final = {"paper_type": "Factura", "paper_number": "FE-120", "paper_day": "09/11/2026"}
_GOLD: Final = {"mineral": "Oro", "quantity": "12,5", "unit": "g", "fineness": "920", "assay": "declarada"}
_OF_THE_MINER: Final = {"paper_type": "Declaración de producción", "paper_day": "09/11/2026"}
_TOWN: Final = "05250 El Bagre (Antioquia)"
_BUYER: Final = {"buyer_type": "NIT", "buyer_number": "900500018"}
EXAMPLES: Final[Mapping[str, Sequence[Row]]] = {
    "subsistence_purchase": (
        {**_DAY, "seller_type": "CC", "seller_number": "10200300", "municipality": _TOWN, **_GOLD, "price": "3500000",
         "withheld": "140000", **_OF_THE_MINER, "paper_number": "DP-1", "reference": "R-1"},
    ),
    "production": (
        {**_DAY, "origin_kind": "Título minero", "origin_code": "DEMO-ORO", "municipality": _TOWN, **_GOLD,
         **_OF_THE_MINER, "paper_number": "DP-2", "reference": "P-1"},
    ),
    "sale": (
        {**_DAY, "movement": "V-1", **_BUYER, "lot": _LOT_A, "quantity": "4,25", "price": "9000000", **_INVOICE},
        {"movement": "V-1", "lot": _LOT_B, "quantity": "7,3"},
        {**_DAY, "movement": "V-2", **_BUYER, "lot": _LOT_B, "quantity": "1,2", "price": "400000", **_INVOICE},
        {**_DAY, "movement": "V-3", "buyer_type": "Consumidor final", "lot": _LOT_B, "quantity": "0,4",
         "price": "150000", **_INVOICE, "paper_number": "FE-121"},
    ),
    "dispatch": (
        {**_DAY, "movement": "D-1", "lot": _LOT_A, "quantity": "1250,5", "to": _TOWN, "to_facility": "Planta Demo",
         "ticket": "B-77", "carrier_type": "NIT", "carrier_number": "900500018", "vehicle": "ABC123"},
        {"movement": "D-1", "lot": _LOT_B, "quantity": "800,4"},
    ),
    "receipt": (
        {**_DAY, "dispatch": _DISPATCH, "lot": _LOT_A, "quantity": "1249,8", "ticket": "B-91", "municipality": _TOWN},
        {"dispatch": _DISPATCH, "lot": _LOT_B, "quantity": "799,6", "lost": "0,5"},
    ),
    "documented_intake": (
        {**_DAY, "basis": "Certificado o declaración en papel", "origin_kind": "Título minero",
         "origin_code": "DEMO-ORO", **_GOLD, "paper_type": "Certificado de origen", "paper_number": "CO-15",
         "paper_day": "09/11/2026"},
    ),
    "transformation": (
        {**_DAY, "movement": "T-1", "recipe": "Fundición de oro hasta doré", "side": "Entra", "lot": _LOT_A,
         "quantity": "4,25"},
        {"movement": "T-1", "side": "Entra", "lot": _LOT_B, "quantity": "7,3"},
        {"movement": "T-1", "side": "Sale", "mineral": "Doré", "quantity": "12,5", "unit": "g", "fineness": "900",
         "assay": "laboratorio"},
    ),
    "regroup": (
        {**_DAY, "movement": "M-1", "side": "Entra", "lot": _LOT_A, "quantity": "4,25"},
        {"movement": "M-1", "side": "Entra", "lot": _LOT_B, "quantity": "7,3"},
        {"movement": "M-1", "side": "Sale", "quantity": "11,55", "unit": "g"},
    ),
    "export": (
        {**_DAY, "movement": "X-1", "lot": _LOT_A, "quantity": "4,25", "country": "CH",
         "paper_type": "Declaración de exportación", "paper_number": "DEX-9", "paper_day": "09/11/2026",
         "second_paper_type": "Pago de regalías", "second_paper_number": "RG-4", "second_paper_day": "06/11/2026"},
        {"movement": "X-1", "lot": _LOT_B, "quantity": "7,3", "paper_type": "Inspección", "paper_number": "IN-2",
         "paper_day": "08/11/2026"},
    ),
    "consumption": (
        {**_DAY, "movement": "C-1", "lot": _LOT_A, "quantity": "4,25", "use": "Joyería"},
        {"movement": "C-1", "lot": _LOT_B, "quantity": "7,3"},
    ),
    "loss": (
        {**_DAY, "movement": "B-1", "lot": _LOT_A, "quantity": "0,5", "reason": "Se regó en el patio"},
        {"movement": "B-1", "lot": _LOT_B, "quantity": "0,2"},
    ),
    "retention": ({**_DAY, **_GOLD, "circumstances": "Lo trajeron sin documento y no dijeron de dónde."},),
}  # fmt: skip
"""By kind: its rows, each cell as a person writes it."""
