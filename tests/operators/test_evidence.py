"""What is stored of a request is enough to show again who signed it; the hub's own key is made once."""

import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection

from tests.operators.signing import BODY, KEY, NOW, at, message, verify
from veta.kernel.strict_json import body_of, frame_of, parse_batch
from veta.operators.domain.keys import key_id_of, private_pem_of
from veta.operators.domain.signature import Verified, verify_stored
from veta.operators.models import SignedRequest
from veta.operators.queries import hub_keys
from veta.operators.refusals import OperatorRefused
from veta.operators.services import hub_keys as hub_key_service
from veta.operators.services.hub_keys import hub_signer
from veta.operators.services.requests import record


def submission(verified: Verified, request: UUID, frame: bytes) -> SimpleNamespace:
    """A request as the group of movements hands it over."""
    names = ("key_id", "method", "target_uri", "signature_input", "signature", "body_digest")
    signed = SimpleNamespace(request=request, frame=frame, **{name: getattr(verified, name) for name in names})
    return SimpleNamespace(operator=verified.operator, signed=signed)


@pytest.mark.django_db
def test_a_stored_request_verifies_again() -> None:
    verified = verify(message())
    _, raw = parse_batch(BODY, "movements")
    connection.ensure_connection()
    with cast("psycopg.Connection[tuple[object]]", connection.connection).cursor() as cursor:
        record(cursor, [], received_at=at(NOW))
        requests = [submission(verified, UUID(int=number), frame_of(BODY, raw)) for number in (7, 8)]
        record(cursor, [*requests, SimpleNamespace(operator=UUID(int=1), signed=None)], received_at=at(NOW))
    assert SignedRequest.objects.count() == 2
    stored = SignedRequest.objects.get(id=UUID(int=7))
    assert stored.received_at == at(NOW)
    assert body_of(bytes(stored.frame), raw) == BODY
    assert verify_stored(
        method=stored.method,
        target_uri=stored.target_uri,
        signature_input=stored.signature_input,
        signature=bytes(stored.signature),
        body_digest=bytes(stored.body_digest),
        public=KEY.public,
    )


@pytest.fixture
def home(tmp_path: Path, settings: Any) -> Path:
    settings.VETA_HOME = tmp_path
    return tmp_path


@pytest.mark.django_db
def test_the_hubs_key_is_made_once_and_kept_to_itself(home: Path) -> None:
    first = hub_signer()
    file = home / "keys" / "hub-ed25519.pem"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [path.name for path in file.parent.iterdir()] == ["hub-ed25519.pem"]
    hub_key_service._private.cache_clear()
    assert hub_signer().key_id == first.key_id
    public = first.private.public_key().public_bytes_raw()
    assert [found[:2] for found in hub_keys()] == [(first.key_id, public)]


@pytest.mark.django_db
def test_a_new_key_stands_beside_the_old_one(home: Path) -> None:
    old = hub_signer().key_id
    key = Ed25519PrivateKey.generate()
    (home / "keys" / "hub-ed25519.pem").write_bytes(private_pem_of(key))
    hub_key_service._private.cache_clear()
    new = hub_signer().key_id
    assert new == key_id_of("hub", key.public_key().public_bytes_raw()) != old
    assert {key_id for key_id, _, _ in hub_keys()} == {old, new}


@pytest.mark.django_db
def test_another_kind_of_key_is_refused(home: Path) -> None:
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    pem = X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (home / "keys").mkdir()
    (home / "keys" / "hub-ed25519.pem").write_bytes(pem)
    with pytest.raises(OperatorRefused) as refused:
        hub_signer()
    assert refused.value.code == "OPE-008"
