"""The table of the capture pages: of each kind, what is asked and the path of the hub's item where it goes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.node.domain.sheets import words as lists
from veta.node.pages.capture.fields import (
    Make,
    Moment,
    day,
    document_type,
    figure_of,
    mineral,
    one_of,
    suggested,
    town,
    words,
)
from veta.node.pages.capture.here import Here
from veta.node.queries.known import Known
from veta.norms import norms

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Asked:
    """A field: its path in the item, how it is made, and the group that it stands in ("" the first).

    `on_paper`: what a receipt calls it, where the form asks with a condition."""

    path: str
    make: Make
    group: Text = ""
    folded: bool = False
    on_paper: Text = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A page. `picks`: its lots are picked from what the client has. `weighs`: what it shows while one writes.

    `listed`: it stands in the menu; what has a page of its own elsewhere is only corrected here."""

    name: str
    title: Promise
    lead: Promise
    asked: tuple[Asked, ...]
    picks: bool = False
    weighs: str = ""
    listed: bool = True


MORE: Final = _("Soporte, nota y tardanza")
WHEN: Final = Asked("occurred_at", lambda known: Moment(label=_("Cuándo ocurrió"), help_text=_("Hora de Colombia.")))
HERE: Final = (
    Asked("place", lambda known: Here(known, label=_("Dónde"))),
    Asked("place.municipality", town(_("Municipio, si es otro lugar"), required=False)),
)


def _papers(*, first: int, count: int, group: Text = MORE) -> tuple[Asked, ...]:
    def one(n: int) -> Iterable[Asked]:
        number = f" {n + 1}" if count > 1 else ""
        for name, make in (
            ("type", one_of(_("Tipo de documento"), lists.EVIDENCE)),
            ("number", words(_("Número del documento"), 120)),
            ("issued_on", day(_("Fecha del documento"))),
        ):
            yield Asked(f"evidence[{n}].{name}", _numbered(make, number), group, folded=True)

    return tuple(each for n in range(first, first + count) for each in one(n))


def _numbered(make: Make, number: str) -> Make:
    def made(known: Known) -> forms.Field:
        field = make(known)
        field.label = f"{field.label}{number}"
        return field

    return made


_TAIL: Final = (
    Asked("note", words(_("Nota"), 300), MORE, folded=True),
    Asked(
        "late.reason",
        words(_("Si se registra tarde, por qué"), 500),
        MORE,
        folded=True,
        on_paper=_("Por qué se registró tarde"),
    ),
)
TAIL: Final = (*_papers(first=0, count=1), *_TAIL)
TICKET: Final = Asked(
    "evidence[0].number", words(_("Número del tiquete de báscula"), 120, _("El de la báscula camionera, si lo hay."))
)
AFTER_TICKET: Final = (*_papers(first=1, count=1), *_TAIL)
MINERAL: Final = Asked("mineral", mineral(_("Mineral")))
QUANTITY: Final = Asked(
    "quantity", figure_of(_("Cantidad"), _("Peso bruto o volumen, en la unidad que va con el mineral."))
)
FINENESS: Final = Asked(
    "fineness", figure_of(_("Ley (‰)"), _("Solo de metales preciosos, en milésimas: 920."), required=False,
                          group="thousandths", decimals=3)
)  # fmt: skip
ASSAY: Final = Asked("assay", one_of(_("De dónde sale la ley"), lists.ASSAYS))
GRADE: Final = Asked(
    "grade", figure_of(_("Tenor"), _("Solo de menas y concentrados: g/t de metales preciosos, % de los demás."),
                       required=False)
)  # fmt: skip
# Whose documents are offered again: of which kind, and where in it they stand.
_BEFORE: Final[Mapping[str, tuple[str, str]]] = {"buyer": ("sale", "buyer"), "plant": ("transformation", "plant")}
MEASURED: Final = (MINERAL, QUANTITY, FINENESS, ASSAY, GRADE)


PLAIN_NUMBER: Final = _("Número, sin puntos.")
_OF_THE_MINER: Final = _("Número, sin puntos. El mineral se descuenta de lo que él puede vender en el mes y el año.")


def _party(path: str, who: Text, *, required: bool, help: Text = PLAIN_NUMBER) -> tuple[Asked, ...]:
    """A party by its document, those of before offered."""

    def offered(known: Known) -> list[tuple[str, str]]:
        return known.parties(*_BEFORE[path]) if path in _BEFORE else []

    return (
        Asked(f"{path}.number", suggested(who, offered, required=required, help=help, longest=20)),
        Asked(f"{path}.type", document_type(_("Tipo de ese documento"))),
    )


def _recipes(known: Known) -> forms.Field:
    today = norms().table("recipe", bogota_date(SystemClock().now()))
    used = {pick.mineral.code for pick in known.picks}
    named = sorted(today.items(), key=lambda each: (used.isdisjoint(each[1].value["inputs"]), each[1].value["name"]))
    choices = [("", "—"), *((code, each.value["name"]) for code, each in named)]
    return forms.ChoiceField(label=_("Proceso"), choices=choices)


def _output(n: int) -> tuple[Asked, ...]:
    group, path = _("Qué salió"), f"outputs[{n}]"
    if n:
        group = _("Otro producto")
    return (
        Asked(f"{path}.mineral", mineral(_("Producto"), required=n == 0), group, folded=n > 0),
        Asked(f"{path}.quantity", figure_of(_("Cantidad"), required=n == 0), group, folded=n > 0),
        Asked(f"{path}.fineness", figure_of(_("Ley (‰)"), required=False, group="thousandths", decimals=3), group,
              folded=n > 0),
        Asked(f"{path}.grade", figure_of(_("Tenor"), required=False), group, folded=n > 0),
    )  # fmt: skip


LOSS: Final = tuple(
    Asked(f"losses[0].{name}", make, _("Lo que se perdió en el proceso"), folded=True)
    for name, make in (
        ("mineral", mineral(_("Qué se perdió"), required=False)),
        ("quantity", figure_of(_("Cantidad"), required=False)),
        ("fineness", figure_of(_("Ley (‰)"), required=False, group="thousandths", decimals=3)),
        ("grade", figure_of(_("Tenor"), required=False)),
    )
)
SPLIT: Final = tuple(
    Asked(f"outputs[{n}].quantity", _numbered(figure_of(_("Cantidad del lote"), required=False), f" {n + 1}"),
          _("Partirlo en varios lotes"), folded=True)
    for n in range(6)
)  # fmt: skip


def _final_consumer(known: Known) -> forms.Field:
    return forms.BooleanField(label=_("Es un consumidor final: no se identifica"), required=False)


def _basis(known: Known) -> forms.Field:
    choices = [
        ("paper_certificate", _("Llegó con un certificado o declaración en papel")),
        ("opening_stock", _("Lo tenía antes de la obligación")),
        ("import", _("Se importó")),
        ("disused", _("Joyas y metal en desuso")),
    ]
    return forms.ChoiceField(label=_("Por qué es lícito"), choices=choices)


ORIGIN_KINDS: Final[Mapping[str, Text]] = {
    **lists.ORIGINS.labels, "subsistence": _("Minero de subsistencia"), "import": _("Importado"),
    "disused": _("Metal en desuso"),
}  # fmt: skip


def _any_origin(known: Known) -> forms.Field:
    return forms.ChoiceField(label=_("De dónde viene"), choices=list(ORIGIN_KINDS.items()))


def _titles(known: Known) -> list[tuple[str, str]]:
    return [(code, "") for code in known.titles()]


ORIGIN: Final = (
    Asked("origin.code", suggested(_("Placa del título o código del área"), _titles, longest=40)),
    Asked("origin.kind", one_of(_("Clase de origen"), lists.ORIGINS, required=True)),
)
KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        Kind("production", _("Producción"), _("Lo que se sacó de la mina, cuándo y de dónde."),
             (WHEN, *ORIGIN, *MEASURED, *HERE, *TAIL)),
        Kind("sale", _("Venta"),
             _("Una oferta: el lote queda apartado hasta que el comprador la confirme o la niegue."),
             (WHEN, *_party("buyer", _("Documento de quien compra"), required=False),
              Asked("buyer_kind", _final_consumer),
              Asked("price_cop", figure_of(_("Precio total (COP)"), required=False, group="money", decimals=2)),
              *HERE, *TAIL), picks=True),
        Kind("dispatch", _("Despacho"), _("Mineral que sale en un vehículo. Sigue siendo suyo hasta que se reciba."),
             (WHEN, Asked("to.municipality", town(_("Municipio de destino"), required=True)),
              Asked("to.facility", words(_("Planta o bodega de destino"), 120)), TICKET,
              Asked("vehicle", suggested(_("Placa del vehículo"), lambda known: [(v, "") for v in known.vehicles()],
                                         longest=20, required=False)),
              *_party("carrier", _("Documento de quien transporta"), required=False), *HERE, *AFTER_TICKET),
             picks=True),
        Kind("receipt", _("Recepción de un despacho"), _("Lo que llegó, como lo pesó la báscula de destino."),
             (WHEN, TICKET, *HERE, *AFTER_TICKET), weighs="receipt"),
        Kind("documented_intake", _("Recepción en planta o bodega con documento"),
             _("Mineral lícito que llega con su papel, de quien todavía no reporta. Lo que le ofrecen en la PTM se "
               "confirma en Ofertas."),
             (WHEN, Asked("basis", _basis), Asked("origin.kind", _any_origin),
              Asked("origin.code", suggested(_("Placa, código o país"), _titles, longest=40, required=False)),
              Asked("origin.municipality", town(_("Municipio, si es de subsistencia"), required=False),
                    on_paper=_("Municipio de origen")),
              Asked("seller.number", words(_("Documento del minero, si es de subsistencia"), 20, _OF_THE_MINER)),
              Asked("seller.type", document_type(_("Tipo de ese documento"))),
              *MEASURED, *(Asked(each.path, each.make) for each in _papers(first=0, count=1)), *HERE, *_TAIL)),
        Kind("subsistence_purchase", _("Compra a minero de subsistencia"), _("Corrección de una compra."),
             (WHEN, Asked("seller.number", words(_("Documento de quien vende"), 20, required=True)),
              Asked("seller.type", document_type(_("Tipo de ese documento"))),
              Asked("origin.municipality", town(_("Municipio de origen"), required=True)), *MEASURED,
              Asked("price_cop", figure_of(_("Precio total (COP)"), required=False, group="money", decimals=2)),
              Asked("royalty_withheld_cop", figure_of(_("Regalía retenida (COP)"), required=False, group="money",
                                                      decimals=2)),
              *HERE, *_papers(first=0, count=1), *_TAIL), listed=False),
        Kind("regroup", _("Mezcla o división"), _("Varios lotes de un mineral se hacen uno, o uno se hace varios."),
             (WHEN, *SPLIT, *HERE, *TAIL), picks=True, weighs="regroup"),
        Kind("transformation", _("Transformación"), _("Lo que entró al proceso y lo que salió, con su rendimiento."),
             (WHEN, Asked("recipe", _recipes),
              *_party("plant", _("Documento de la planta, si es de otro"), required=False,
                      help=_("Vacío, la planta es suya. Si otra le procesa su mineral, su número, sin puntos.")),
              *_output(0), *_output(1), *_output(2), *LOSS, *HERE, *TAIL), picks=True,
             weighs="transformation"),
        Kind("export", _("Exportación"), _("Mineral que sale del país. Después descargue su paquete en Documentos."),
             (WHEN, Asked("country", words(_("País de destino"), 2, _("Dos letras: US, CH, AE."), required=True)),
              *(Asked(each.path, each.make, _("Documentos"), folded=False) for each in _papers(first=0, count=3)),
              *HERE, *_TAIL), picks=True),
        Kind("consumption", _("Consumo"), _("Mineral que se gastó: no vuelve a venderse."),
             (WHEN, Asked("use", words(_("Para qué se usó"), 500, required=True)), *HERE, *TAIL), picks=True),
        Kind("loss", _("Pérdida"), _("Mineral que se perdió, con su causa."),
             (WHEN, Asked("reason", words(_("Por qué se perdió"), 500, required=True)), *HERE, *TAIL), picks=True),
        Kind("retention", _("Retención y aviso"),
             _("Mineral cuyo origen no se acredita: se retiene y se avisa. No se mezcla ni se vende."),
             (WHEN, *MEASURED, Asked("circumstances", words(_("Qué pasó y qué se retuvo"), 1000, required=True)), *HERE,
              *TAIL)),
    )
}  # fmt: skip
