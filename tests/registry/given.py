"""What the registry's tests take as given: two municipalities, a person, a firm, a title with its contract date."""

from dataclasses import replace
from datetime import date
from itertools import count
from uuid import UUID

from veta.kernel.identity import document
from veta.kernel.ids import uuid7
from veta.registry.domain import Act, PlanLine
from veta.registry.queries import Contact, forget_municipalities
from veta.registry.recording import insert
from veta.registry.refusals import RegistryRefused
from veta.registry.services.actors import register_actor
from veta.registry.services.plans import PlanRecord
from veta.registry.services.titles import TitleRecord, register_title

ONE = Act(reference="DEMO-ACTO-1", source="DEMO", recorded_by="oficial.uno")
TWO = replace(ONE, approved_by="oficial.dos")
CONTRACT = date(2020, 3, 1)
D = date(2026, 7, 9)
PHONE = Contact("sms", "+573001234567")
_numbers = count(10_000_000)
DIGITS = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve")


class Mailbox:
    """A port that keeps what it was given."""

    def __init__(self) -> None:
        self.sent: list[tuple[Contact, str]] = []
        self.called: list[tuple[Contact, str]] = []

    def send(self, contact: Contact, text: str) -> None:
        """Keep it."""
        self.sent.append((contact, text))

    def call(self, contact: Contact, said: str) -> None:
        """Keep what was said."""
        self.called.append((contact, said))

    @property
    def code(self) -> str:
        """The code of the last message."""
        return self.sent[-1][1].split("código es ")[1][:6]

    @property
    def heard(self) -> str:
        """The code that the last call said."""
        return code_heard(self.called[-1][1])


def code_heard(said: str) -> str:
    """The code of a call, as a person writes down what it hears; the same both times."""
    first, again = (said.split(begin)[1].split(".")[0] for begin in ("código es: ", "Repito: "))
    assert first == again
    return "".join(str(DIGITS.index(word)) for word in first.split(", "))


def places() -> None:
    """Segovia, Remedios and Cucunubá on record."""
    for code, name in (("05736", "SEGOVIA"), ("05604", "REMEDIOS"), ("25224", "CUCUNUBÁ")):
        insert("registry_municipality", [{"code": code}], ignore_existing=True)
        row = {"municipality_id": code, "name": name, "department": "DEMO", "kind": "Municipio", "source": "DEMO"}
        insert("registry_municipalityversion", [{"id": uuid7(), "latitude": None, "longitude": None, **row}])
    forget_municipalities()


def person(contact: Contact | None = PHONE) -> UUID:
    """A person of its own, with a contact."""
    number = str(next(_numbers))
    return register_actor(
        "person", f"Persona {number}", documents=[document("CC", number)], contact=contact, by="o", source="DEMO"
    )


def firm(name: str = "Comercializadora Demo") -> UUID:
    """A firm of its own."""
    return register_actor("firm", name, documents=[document("NIT", str(next(_numbers)))], by="o", source="DEMO")


def title_record(**changes: object) -> TitleRecord:
    """A title in exploitation since its contract."""
    values: dict[str, object] = {
        "code": "DEMO-001",
        "modality": "contrato de concesión",
        "stage": "exploitation",
        "minerals": frozenset({"oro"}),
        "municipalities": frozenset({"05736"}),
        "contract_date": CONTRACT,
        "valid_from": CONTRACT,
    }
    return TitleRecord(**(values | changes))  # type: ignore[arg-type]


def title(**changes: object) -> UUID:
    """That title on record."""
    return register_title(title_record(**changes), TWO)


def plan_record(**changes: object) -> PlanRecord:
    """A plan of two contract years of that title."""
    values: dict[str, object] = {
        "title_code": "DEMO-001",
        "kind": "PTO",
        "approved_on": date(2020, 6, 1),
        "lines": (PlanLine("oro", {"2026-03-01": 5_000_000, "2027-03-01": 4_000_000}),),
        "valid_from": date(2020, 6, 1),
    }
    return PlanRecord(**(values | changes))  # type: ignore[arg-type]


def codes_of(refused: RegistryRefused) -> list[str]:
    """The codes of a refusal's findings, in order."""
    return [finding.code for finding in refused.findings]
