"""The rules, one module per family; importing this package registers them all."""

from veta.movements.domain.rules import (  # noqa: F401
    accreditation,
    consent,
    evidence,
    export,
    identity,
    lot,
    mineral,
    norm,
    obligation,
    place,
    plan,
    quota,
    reversal,
    role,
    time,
    title,
    yields,
)
