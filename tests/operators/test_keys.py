"""Whose keys count, when: the two officers, the 24 hours, what a compromised key takes with it."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, connection, transaction

from veta.operators import keyring
from veta.operators.domain.keys import KeyRefused, key_id_of, possession_statement, public_key_of
from veta.operators.models import Operator, OperatorKey
from veta.operators.queries import key_states
from veta.operators.refusals import OperatorRefused
from veta.operators.services.enrolment import enrol, record_status
from veta.operators.services.keys import approve_key, propose_key, record_key, revoke_key

pytestmark = pytest.mark.django_db
ACT = "Resolución DEMO 1 de 2026"


@pytest.fixture
def operator() -> Operator:
    return enrol(code="demo-ottm-1", name="Operador de demostración", enabled_on=date(2026, 1, 1), act=ACT, officer="a")


def pair(code: str, seed: int) -> tuple[bytes, bytes]:
    """A public key and the proof that its holder holds it."""
    private = Ed25519PrivateKey.from_private_bytes(seed.to_bytes(32, "big"))
    public = private.public_key().public_bytes_raw()
    return public, private.sign(possession_statement(code, public))


def recorded(operator: Operator, seed: int = 1, purpose: str = "signing", *, approved: bool = True) -> str:
    public, proof = pair(operator.code, seed)
    key_id = record_key(operator=operator.id, public_key=public, purpose=purpose, officer="ana@anm", proof=proof)  # type: ignore[arg-type]
    if approved:
        approve_key(key_id, officer="luis@anm")
    return key_id


def proposed(operator: Operator, by: str, seed: int, purpose: str = "signing") -> str:
    public, proof = pair(operator.code, seed)
    return propose_key(by=by, public_key=public, purpose=purpose, proof=proof, now=later()).id  # type: ignore[arg-type]


def later(hours: float = 0, seconds: float = 1) -> datetime:
    """An instant after everything the test has recorded so far."""
    return datetime.now(UTC) + timedelta(hours=hours, seconds=seconds)


def states(at: datetime | None = None) -> dict[str, str]:
    return {state.id: state.state for state in key_states(now=at or later())}


def test_a_code_is_taken_once(operator: Operator) -> None:
    assert operator.code == "DEMO-OTTM-1"
    with pytest.raises(OperatorRefused) as refused:
        enrol(code="DEMO-OTTM-1 ", name="Otro", enabled_on=date(2026, 1, 1), act=ACT, officer="a")
    assert refused.value.code == "OPE-001"


def test_a_first_key_takes_two_officers(operator: Operator) -> None:
    key_id = recorded(operator, approved=False)
    assert states() == {key_id: "waiting"}
    assert states(later(hours=1000)) == {key_id: "waiting"}
    for same in ("ana@anm", " ANA@anm "):
        with pytest.raises(OperatorRefused) as refused:
            approve_key(key_id, officer=same)
        assert refused.value.code == "OPE-006"
    approve_key(key_id, officer="luis@anm")
    assert states() == {key_id: "live"}


def test_the_id_names_operator_and_key(operator: Operator) -> None:
    public, _ = pair(operator.code, 1)
    assert recorded(operator) == key_id_of("DEMO-OTTM-1", public) == f"demo-ottm-1-{key_id_of('', public)[1:]}"


def test_a_proof_of_possession_is_for_one_key_and_one_operator(operator: Operator) -> None:
    public, _ = pair(operator.code, 1)
    for proof in (pair(operator.code, 2)[1], pair("DEMO-OTTM-2", 1)[1], bytes(64), b""):
        with pytest.raises(KeyRefused):
            record_key(operator=operator.id, public_key=public, purpose="signing", officer="ana", proof=proof)
    assert not OperatorKey.objects.exists()


def test_a_key_is_one_operators_only(operator: Operator) -> None:
    recorded(operator)
    other = enrol(code="DEMO-OTTM-2", name="Otro", enabled_on=date(2026, 1, 1), act=ACT, officer="a")
    with pytest.raises(OperatorRefused) as refused:
        recorded(other)
    assert refused.value.code == "OPE-003"


@pytest.mark.parametrize(("hours", "state"), [(23.99, "waiting"), (24.01, "live")])
def test_a_key_asked_for_by_a_key_waits_24_hours(operator: Operator, hours: float, state: str) -> None:
    child = proposed(operator, recorded(operator), 2)
    assert states()[child] == "waiting"
    assert states(later(hours=hours, seconds=0))[child] == state


def test_or_one_officers_approval(operator: Operator) -> None:
    child = proposed(operator, recorded(operator), 2)
    approve_key(child, officer="luis@anm")
    assert states()[child] == "live"


def test_a_waiting_or_revoked_key_asks_for_nothing(operator: Operator) -> None:
    waiting = recorded(operator, approved=False)
    with pytest.raises(OperatorRefused) as refused:
        proposed(operator, waiting, 2)
    assert refused.value.code == "OPE-007"
    approve_key(waiting, officer="luis@anm")
    revoke_key(waiting, by="ana", compromised=False, reason="cambio")
    with pytest.raises(OperatorRefused):
        proposed(operator, waiting, 3)


def test_a_signing_key_cannot_ask_for_a_recovery_key(operator: Operator) -> None:
    with pytest.raises(OperatorRefused) as refused:
        proposed(operator, recorded(operator), 2, "recovery")
    assert refused.value.code == "OPE-007"
    assert proposed(operator, recorded(operator, 3, "recovery"), 4, "recovery")


def test_a_revoked_key_leaves_those_it_asked_for(operator: Operator) -> None:
    first = recorded(operator)
    child = proposed(operator, first, 2)
    assert revoke_key(first, by="ana", compromised=False, reason="cambio") == [first]
    assert states(later(hours=25)) == {first: "revoked", child: "live"}


def test_a_compromised_key_takes_them_with_it(operator: Operator) -> None:
    first, other = recorded(operator), recorded(operator, 9)
    child = proposed(operator, first, 2)
    approve_key(child, officer="luis")
    grandchild = proposed(operator, child, 3)
    approve_key(grandchild, officer="luis")
    assert set(states().values()) == {"live"}
    before = later(seconds=0)
    assert revoke_key(first, by="ana", compromised=True, reason="robo") == [first, child, grandchild]
    assert states() == {first: "revoked", child: "revoked", grandchild: "revoked", other: "live"}
    if not connection.in_atomic_block:
        assert states(before)[first] == "live"


def test_an_operators_keys_revoke_its_own_signing_keys_only(operator: Operator) -> None:
    signing, recovery = recorded(operator), recorded(operator, 2, "recovery")
    other = enrol(code="DEMO-OTTM-2", name="Otro", enabled_on=date(2026, 1, 1), act=ACT, officer="a")
    foreign = recorded(other, 3)
    for asking, target, code in (
        (signing, recovery, "OPE-007"),
        (foreign, signing, "OPE-005"),
        (signing, "none", "OPE-005"),
    ):
        with pytest.raises(OperatorRefused) as refused:
            revoke_key(target, by="x", compromised=True, reason="", asking=asking)
        assert refused.value.code == code
    assert revoke_key(signing, by="x", compromised=False, reason="", asking=recovery) == [signing]


@pytest.mark.parametrize(
    ("status", "enabled_on", "state"),
    [
        ("active", date(2026, 1, 1), "live"),
        ("suspended", date(2026, 1, 1), "inactive"),
        ("ended", date(2026, 1, 1), "inactive"),
        ("active", date(2999, 1, 1), "inactive"),
    ],
)
def test_the_operators_own_state(operator: Operator, status: str, enabled_on: date, state: str) -> None:
    key_id = recorded(operator)
    record_status(operator=operator.id, status=status, enabled_on=enabled_on, act=ACT, officer="a")
    assert states()[key_id] == state


def test_it_is_enabled_on_the_day_bogota_says(operator: Operator) -> None:
    key_id = recorded(operator)
    day = date(2099, 5, 19)
    record_status(operator=operator.id, status="active", enabled_on=day, act=ACT, officer="a")
    midnight = datetime(2099, 5, 19, 5, tzinfo=UTC)
    assert states(midnight - timedelta(seconds=1))[key_id] == "inactive"
    assert states(midnight)[key_id] == "live"


def test_the_ring_is_read_again_after_five_seconds(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [1000.0]
    monkeypatch.setattr(keyring.time, "monotonic", lambda: clock[0])
    keyring.forget()
    key_id = recorded(operator)
    assert keyring.live_keys(later()).keys[key_id].state == "live"
    revoke_key(key_id, by="ana", compromised=False, reason="cambio")
    clock[0] += 4.9
    assert keyring.live_keys(later()).keys[key_id].state == "live"
    clock[0] += 0.1
    assert keyring.live_keys(later()).keys[key_id].state == "revoked"
    keyring.forget()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE operators_keyapproval SET officer = 'x'",
        "UPDATE operators_operatorkey SET purpose = 'signing'",
        "DELETE FROM operators_keyrevocation",
        "DELETE FROM operators_signedrequest",
        "UPDATE operators_hubkey SET since = now()",
        "TRUNCATE operators_noncefloor",
        "UPDATE operators_nonce SET seen_until = now()",
    ],
)
def test_the_application_only_adds(operator: Operator, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_key_of_another_operator_cannot_be_written_as_the_asker(operator: Operator) -> None:
    first = recorded(operator)
    other = enrol(code="DEMO-OTTM-2", name="Otro", enabled_on=date(2026, 1, 1), act=ACT, officer="a")
    with pytest.raises(DatabaseError), transaction.atomic():
        OperatorKey.objects.create(id="x", operator=other, public_key=b"x", purpose="signing", proposed_by_id=first)


def small_order_points() -> list[bytes]:
    """Every encoding of the points of small order, found here by multiplying points by the group's order."""
    p, order = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
    d = -121665 * pow(121666, -1, p) % p

    def add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        k = d * a[0] * b[0] * a[1] * b[1] % p
        x = (a[0] * b[1] + b[0] * a[1]) * pow(1 + k, -1, p) % p
        return x, (a[1] * b[1] + a[0] * b[0]) * pow(1 - k, -1, p) % p

    def times(n: int, point: tuple[int, int]) -> tuple[int, int]:
        total = (0, 1)
        for bit in bin(n)[2:]:
            total = add(total, total)
            total = add(total, point) if bit == "1" else total
        return total

    found: set[int] = set()
    y = 2
    while len(found) < 5:
        y += 1
        square = (y * y - 1) * pow(d * y * y + 1, -1, p) % p
        x = pow(square, (p + 3) // 8, p)
        x = x if x * x % p == square else x * pow(2, (p - 1) // 4, p) % p
        if x * x % p == square:
            found |= {times(n, times(order, (x, y)))[1] for n in range(8)}
    spellings = found | {y + p for y in found if y + p < 2**255}
    return [(y | sign << 255).to_bytes(32, "little") for y in spellings for sign in (0, 1)]


def test_keys_that_are_none_are_refused() -> None:
    for raw in [*small_order_points(), b"", bytes(31), bytes(33), b"\xff" * 32]:
        with pytest.raises(KeyRefused):
            public_key_of(raw)
    assert public_key_of(pair("x", 1)[0])


def test_an_unknown_operator_or_key() -> None:
    public, proof = pair("X", 1)
    with pytest.raises(OperatorRefused) as refused:
        record_key(operator=UUID(int=1), public_key=public, purpose="signing", officer="a", proof=proof)
    assert refused.value.code == "OPE-004"
    with pytest.raises(OperatorRefused) as refused:
        approve_key("none", officer="a")
    assert refused.value.code == "OPE-005"
