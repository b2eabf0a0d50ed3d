"""The desk's words: what a kind, a state, an accreditation or a family of rules is called on a page."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from veta.hub.desk.tables import Cell, Text
from veta.hub.templatetags.figures import figure, mineral_name
from veta.kernel.period import BOGOTA
from veta.kernel.quantity import text_of
from veta.ledger.domain.accounts import is_right
from veta.norms.catalogue import catalogue

KINDS: Mapping[str, Promise] = {
    "production": gettext_lazy("Producción"),
    "subsistence_purchase": gettext_lazy("Compra a minero de subsistencia"),
    "sale": gettext_lazy("Venta"),
    "dispatch": gettext_lazy("Despacho"),
    "receipt": gettext_lazy("Recibo"),
    "transformation": gettext_lazy("Transformación"),
    "regroup": gettext_lazy("Reagrupación"),
    "export": gettext_lazy("Exportación"),
    "consumption": gettext_lazy("Consumo"),
    "loss": gettext_lazy("Pérdida"),
    "documented_intake": gettext_lazy("Ingreso documentado"),
    "retention": gettext_lazy("Retención de mineral sin origen"),
    "reversal": gettext_lazy("Reversión"),
    "confirmation": gettext_lazy("Respuesta de la otra parte"),
    "withdrawal": gettext_lazy("Retiro"),
    "lapse": gettext_lazy("Vencimiento"),
    "grant": gettext_lazy("Concesión de cupo"),
    "suspension": gettext_lazy("Suspensión"),
    "lift": gettext_lazy("Levantamiento"),
    "seizure": gettext_lazy("Decomiso"),
    "accredit": gettext_lazy("Acreditación"),
}
STATES: Mapping[str, tuple[Promise, str]] = {
    "accepted": (gettext_lazy("Aceptado"), "ok"),
    "pending": (gettext_lazy("En espera"), "wait"),
    "rejected": (gettext_lazy("Rechazado"), "stop"),
    "refused": (gettext_lazy("Rehusado"), "stop"),
    "withdrawn": (gettext_lazy("Retirado"), "note"),
    "lapsed": (gettext_lazy("Vencido"), "note"),
    "reversed": (gettext_lazy("Reversado"), "note"),
}
ACCREDITATIONS: Mapping[str, tuple[Promise, str]] = {
    "accredited": (gettext_lazy("Acreditado"), "ok"),
    "documented": (gettext_lazy("Documentado"), "ok"),
    "mixed": (gettext_lazy("Mezclado"), "note"),
    "disused": (gettext_lazy("En desuso"), "note"),
    "unproven": (gettext_lazy("Sin origen acreditado"), "stop"),
    "seized": (gettext_lazy("Decomisado"), "stop"),
}
SEVERITIES: Mapping[str, tuple[Promise, str]] = {
    "blocking": (gettext_lazy("Impide"), "stop"),
    "warning": (gettext_lazy("Advierte"), "wait"),
    "info": (gettext_lazy("Informa"), "note"),
}
FAMILIES: Mapping[str, Promise] = {
    "ACC": gettext_lazy("Acreditación del origen"),
    "CON": gettext_lazy("Consentimiento y confirmación"),
    "EVI": gettext_lazy("Soportes"),
    "EXP": gettext_lazy("Exportación"),
    "IDE": gettext_lazy("Identidad"),
    "LOT": gettext_lazy("Propiedad y saldo de los lotes"),
    "MAN": gettext_lazy("Mandato del operador"),
    "MIN": gettext_lazy("Mineral y unidad"),
    "NOR": gettext_lazy("Normas vigentes"),
    "OBL": gettext_lazy("Obligación de estar en la plataforma"),
    "PLA": gettext_lazy("Plan de trabajos"),
    "PLC": gettext_lazy("Lugar"),
    "QUO": gettext_lazy("Cupos"),
    "REV": gettext_lazy("Reversión"),
    "ROL": gettext_lazy("Inscripción y papel"),
    "RSK": gettext_lazy("Riesgo"),
    "SCH": gettext_lazy("Forma de lo enviado"),
    "SIG": gettext_lazy("Firma y llave"),
    "TIM": gettext_lazy("Tiempo"),
    "TIT": gettext_lazy("Título"),
    "YLD": gettext_lazy("Rendimiento"),
}
ACCOUNTS: Mapping[str, Promise] = {
    "lot": gettext_lazy("Lote"),
    "quota": gettext_lazy("Cupo"),
    "grant": gettext_lazy("Concesión"),
    "excess": gettext_lazy("Exceso"),
    "extraction": gettext_lazy("Extracción"),
    "documented": gettext_lazy("Ingreso documentado"),
    "unproven": gettext_lazy("Origen sin acreditar"),
    "used": gettext_lazy("Cupo usado"),
    "export": gettext_lazy("Fuera del país"),
    "consumption": gettext_lazy("Consumo"),
    "loss": gettext_lazy("Pérdida"),
    "process": gettext_lazy("Proceso"),
    "weighing": gettext_lazy("Diferencia de pesaje"),
}
BASES: Mapping[str, Promise] = {
    "title_year": gettext_lazy("Año del título"),
    "title_quarter": gettext_lazy("Trimestre de ventas del título"),
    "person_month": gettext_lazy("Mes de la persona"),
    "person_year": gettext_lazy("Año de la persona"),
}
ROLES: Mapping[str, Promise] = {
    "producer": gettext_lazy("Productor"),
    "trader": gettext_lazy("Comercializador"),
    "plant": gettext_lazy("Planta de beneficio"),
    "consumer": gettext_lazy("Consumidor"),
    "exporter": gettext_lazy("Exportador"),
}
STATUSES: Mapping[str, tuple[Promise, str]] = {
    "active": (gettext_lazy("Vigente"), "ok"),
    "in_force": (gettext_lazy("Vigente"), "ok"),
    "suspended": (gettext_lazy("Suspendido"), "wait"),
    "cancelled": (gettext_lazy("Cancelado"), "stop"),
    "ended": (gettext_lazy("Terminado"), "stop"),
    "revoked": (gettext_lazy("Revocado"), "stop"),
    "live": (gettext_lazy("Vigente"), "ok"),
    "waiting": (gettext_lazy("En espera"), "wait"),
    "inactive": (gettext_lazy("Operador sin habilitación"), "note"),
}
CLASSES: Mapping[str, Promise] = {
    "title": gettext_lazy("título minero"),
    "special_reserve": gettext_lazy("área de reserva especial"),
    "formalization": gettext_lazy("subcontrato de formalización"),
    "subcontract": gettext_lazy("subcontrato"),
    "private_subsoil": gettext_lazy("propiedad privada del subsuelo"),
    "collective_territory": gettext_lazy("territorio colectivo"),
    "tailings": gettext_lazy("colas y relaves"),
    "legalization": gettext_lazy("legalización"),
    "subsistence": gettext_lazy("minería de subsistencia"),
    "barequero": gettext_lazy("barequero"),
    "chatarrero": gettext_lazy("chatarrero"),
    "unproven": gettext_lazy("origen sin acreditar"),
    "paper": gettext_lazy("certificado de papel"),
}


def kind_of(kind: str) -> Text:
    """A movement's kind in words; one that has none yet stays as it is."""
    return KINDS.get(kind, kind)


def badge(table: Mapping[str, tuple[Promise, str]], key: str) -> Cell:
    """The badge of a state, an accreditation, a severity or a status."""
    label, tone = table.get(key, (key, "note"))
    return Cell(label, tone=tone)


def amount(quantity: int, commodity: str) -> Cell:
    """A quantity of a mineral, or of the right to it, with its unit."""
    exact, unit = exact_of(quantity, commodity)
    return Cell(f"{figure(exact)} {unit}".strip(), number=exact)


def exact_of(quantity: int, commodity: str) -> tuple[str, str]:
    """The exact decimal text of a quantity, and its unit; smallest units where the commodity is no mineral's."""
    mineral = catalogue().mineral(commodity.removeprefix("right:"))
    factor, unit = (mineral.factor, mineral.unit) if mineral is not None else (1, "")
    text = text_of(quantity, factor=factor)
    return (text.rstrip("0").rstrip(".") if "." in text else text), unit


def commodity_name(commodity: str) -> str:
    """The mineral's name; of a right, that it is one."""
    if not is_right(commodity):
        return mineral_name(commodity).replace("_", " ")
    return _("derecho a %(mineral)s") % {"mineral": commodity_name(commodity.removeprefix("right:"))}


def instant(at: datetime | None) -> str:
    """An instant on the country's clock, to the minute."""
    return at.astimezone(BOGOTA).strftime("%Y-%m-%d %H:%M") if at else "—"


def short(id: UUID) -> str:
    """The end of an id, which is the part that differs: the whole one is in the link and in exports."""
    return f"…{str(id)[-8:]}"
