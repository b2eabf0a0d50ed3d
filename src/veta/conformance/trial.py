"""A whole trial of one candidate: the hub, its observer, the candidate's hands, opened and closed together."""

from __future__ import annotations

import base64
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from veta.conformance.candidate import Driver, Hands, Target
from veta.conformance.domain.refusals import CandidateRefused
from veta.conformance.engine import Trial
from veta.conformance.observer import Observer, observing
from veta.conformance.place import Place
from veta.conformance.sandbox import Sandbox, open_sandbox

# The hub reads its operators' keys again after five seconds: before that, it refuses a new candidate's signature.
HUB_LEARNS = 5.5


@contextmanager
def trial(target: Target, *, person: Hands | None, seed: int) -> Iterator[Trial]:
    """A hub for this candidate alone, whose public origin is where the candidate says that it reaches its observer, or
    where that answers. Raises SandboxFailed."""
    with (
        _kept(target.place) as place,
        open_sandbox(origin=place.origin_at(place.port)) as sandbox,
        before(sandbox, replace(target, place=place), person=person, seed=seed) as made,
    ):
        yield made


@contextmanager
def before(sandbox: Sandbox, target: Target, *, person: Hands | None, seed: int) -> Iterator[Trial]:
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
    with observing(observer, target.place):
        yield Trial(target, hands, observer, sandbox, operator, seed)


@contextmanager
def _kept(wanted: Place) -> Iterator[Place]:
    """The place that is wanted, its port (where it is 0) one that nobody else is given until the observer listens."""
    if wanted.port:
        yield wanted
        return
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the observer does, which may listen there
        kept.bind((wanted.host, 0))
        yield replace(wanted, port=int(kept.getsockname()[1]))
