"""A whole trial of one candidate: the hub, its observer, the candidate's hands, opened and closed together."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from veta.conformance.candidate import Driver, Hands, Target
from veta.conformance.domain.refusals import CandidateRefused
from veta.conformance.engine import Trial
from veta.conformance.observer import HOST, Observer, observing
from veta.conformance.sandbox import Sandbox, open_sandbox

# The hub reads its operators' keys again after five seconds: before that, it refuses a new candidate's signature.
HUB_LEARNS = 5.5


@contextmanager
def trial(target: Target, *, person: Hands | None, seed: int) -> Iterator[Trial]:
    """A hub for this candidate alone, whose public origin is where its observer answers. Raises SandboxFailed."""
    with (
        _port(target.port) as port,
        open_sandbox(origin=f"http://{HOST}:{port}") as sandbox,
        before(sandbox, target, person=person, seed=seed, port=port) as made,
    ):
        yield made


@contextmanager
def before(sandbox: Sandbox, target: Target, *, person: Hands | None, seed: int, port: int = 0) -> Iterator[Trial]:
    """A candidate before a hub that is open: enrolled there, behind an observer of its own."""
    known = target.code in sandbox.operators
    operator = sandbox.enrol(
        code=target.code, name=target.operator_name, public_key=target.public_key, proof=target.proof
    )
    observer = Observer(sandbox.port, origin=sandbox.origin, operator=target.code)
    observer.know_key(base64.b64decode(target.public_key))
    driver = Driver(target.driver, person=person) if target.driver else None
    hands = driver or person
    if hands is None:
        raise CandidateRefused("El candidato no tiene puerto automático: corra con una persona presente.")
    if not known:
        time.sleep(HUB_LEARNS)
    with observing(observer, port=port):
        yield Trial(target, hands, observer, sandbox, operator, seed)


@contextmanager
def _port(wanted: int) -> Iterator[int]:
    """The port that is wanted, or (0) one that nobody else is given until the observer listens there."""
    if wanted:
        yield wanted
        return
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the observer does, which may listen there
        kept.bind((HOST, 0))
        yield int(kept.getsockname()[1])
