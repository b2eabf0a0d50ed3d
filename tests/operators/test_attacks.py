"""T11: 0 of the attacks accepted, each with its reason; and the control that shows these tests can fail."""

import inspect
import random
from types import ModuleType

import pytest

from tests.operators.attacks import valid
from tests.operators.attacks_on_fields import ATTACKS
from tests.operators.signing import KEYS, NOW, at, verify
from veta.operators.domain import signature
from veta.operators.domain.refusal import SignatureRefused
from veta.operators.domain.signature import Policy

VARIATIONS = 100
SEED = 20260519


def variations(name: str) -> list[random.Random]:
    return [random.Random(f"{SEED}/{name}/{number}") for number in range(VARIATIONS)]


def test_there_are_enough_of_them() -> None:
    assert len(ATTACKS) >= 60


def test_what_they_start_from_is_accepted() -> None:
    for source in variations("valid"):
        verify(valid(source))


@pytest.mark.parametrize("name", ATTACKS)
def test_refused(name: str) -> None:
    code, attack = ATTACKS[name]
    reasons = set()
    for source in variations(name):
        with pytest.raises(SignatureRefused) as refused:
            verify(attack(source))
        assert refused.value.code == code, (name, refused.value.reason)
        assert refused.value.message
        reasons.add(refused.value.reason)
    assert all(reasons)


def patched(old: str, new: str) -> ModuleType:
    """A copy of the module with one line of it changed."""
    source = inspect.getsource(signature)
    assert source.count(old) == 1
    copy = ModuleType("patched_signature")
    copy.__dict__["__name__"] = signature.__name__
    exec(compile(source.replace(old, new), "patched_signature.py", "exec"), copy.__dict__)
    return copy


def accepted(module: ModuleType) -> set[str]:
    """The attacks that a module lets through at least once."""
    through = set()
    for name, (_, attack) in ATTACKS.items():
        for source in variations(name)[:3]:
            request = attack(source)
            try:
                module.verify(request, policy=Policy(), keys=KEYS, now=at(NOW))
            except (SignatureRefused, KeyError, UnicodeEncodeError):
                continue
            through.add(name)
    return through


def test_none_gets_through_the_module_itself() -> None:
    assert accepted(signature) == set()


def test_control_components_taken_from_the_request() -> None:
    module = patched("    _check_components(given, policy.components(has_body=message.has_body))\n", "")
    through = accepted(module)
    assert {"covers all but content-digest", "covers all but @target-uri", "covers only @method"} <= through


@pytest.mark.parametrize(
    ("old", "new", "seen"),
    [
        ("    _check_signature(key.public, signature=signature, base=base)\n", "", "random signature"),
        ("    _check_use(given, policy.tag)\n", "", "tag of another use"),
        ("    _check_shape(message)\n", "", "Content-Encoding"),
        ("    _check_time(given, policy=policy, now=int(now.timestamp()))\n", "", "expired"),
        ('if key is None or reason != "live":', "if key is None:", "signing key, revoked"),
        ("    _check_digest(message, digest, key.operator)\n", "", "body changed, digest kept"),
    ],
)
def test_control_each_check_is_needed(old: str, new: str, seen: str) -> None:
    assert seen in accepted(patched(old, new))
