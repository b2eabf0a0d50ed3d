import dataclasses

import pytest

from veta.kernel.errors import DomainError
from veta.kernel.finding import Finding
from veta.kernel.quantity import QuantityError

FINDING = Finding("QUO-003", "blocking", "quantity", "Res. 40103 de 2017", "Supera el tope.", {"limit": "420"})


def test_a_finding_is_a_value():
    assert FINDING.as_json() == {
        "code": "QUO-003",
        "severity": "blocking",
        "field": "quantity",
        "norm": "Res. 40103 de 2017",
        "message": "Supera el tope.",
        "params": {"limit": "420"},
    }
    assert list(FINDING.as_json()) == ["code", "severity", "field", "norm", "message", "params"]
    assert Finding("A", "info", "", "", "").as_json()["params"] == {}
    with pytest.raises(dataclasses.FrozenInstanceError):
        FINDING.code = "QUO-002"


def test_errors_are_one_family_with_code_message_and_findings():
    error = DomainError("No se puede.", code="LOT-002", findings=[FINDING])
    assert (error.code, error.message, error.findings, str(error)) == (
        "LOT-002",
        "No se puede.",
        (FINDING,),
        "No se puede.",
    )
    assert issubclass(QuantityError, DomainError)
    assert QuantityError("x").code == "SCH-003"
