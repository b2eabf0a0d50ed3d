"""The service without HTTP: groups decided and committed by `group.run`, in this process."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import cycle, islice

import orjson

from bench.cpu import used
from bench.http import Heard
from bench.registry import Operator
from bench.sizes import Sizes
from bench.traffic import Traffic, body_of
from veta.kernel.clock import SystemClock
from veta.kernel.ids import uuid7
from veta.movements import group
from veta.movements.domain.submission import Signed, Submission, receive
from veta.operators.domain.signature import Verified
from veta.operators.services.hub_keys import hub_signer


def run_service(operators: Sequence[Operator], sizes: Sizes, *, database: int) -> Heard:
    """`sizes.service` movements in groups of one batch each, read beforehand: rules, ledger, log and commit alone."""
    clock, signer = SystemClock(), hub_signer()
    submissions = list(islice(_submissions(operators, sizes.batch), sizes.service // sizes.batch + 4))
    for submission in submissions[:4]:
        group.run([submission], clock=clock, signer=signer)
    seconds, cpu = [], time.process_time()
    before = used(hub=None, database=database, client=0.0)
    for submission in submissions[4:]:
        started = time.perf_counter()
        group.run([submission], clock=clock, signer=signer)
        seconds.append(time.perf_counter() - started)
    after = used(hub=None, database=database, client=time.process_time() - cpu)
    verdicts: dict[str, int] = {}
    for submission in submissions[4:]:
        for result in submission.results:
            status = orjson.loads(result.verdict)["status"]
            verdicts[status] = verdicts.get(status, 0) + 1
    calls = len(submissions) - 4
    return Heard(calls * sizes.batch, calls, sum(seconds), after - before, seconds, {"200": calls}, verdicts)


def _submissions(operators: Sequence[Operator], size: int) -> Iterator[Submission]:
    sources = cycle([(operator, Traffic(operator)) for operator in operators])
    for operator, traffic in sources:
        movements = traffic.batch(size)
        yield Submission(
            operator.id, [receive(each, orjson.dumps(each)) for each in movements], _signed(operator, movements)
        )


def _signed(operator: Operator, movements: list[dict[str, object]]) -> Signed:
    """The evidence of a request as HTTP would have left it, so that the same rows are written."""
    now, body = int(time.time()), body_of(movements)
    verified = Verified(
        method="POST", target_uri="http://127.0.0.1/api/v1/movements", operator=operator.id, key_id=operator.key_id,
        nonce=os.urandom(18).hex(), signature=os.urandom(64), signature_input="veta=" + "x" * 240,
        body_digest=sha256(body).digest(), created=now, expires=now + 300,
    )  # fmt: skip
    return Signed.of(verified, request=uuid7(), frame=b'{"movements":[' + b"\x00," * (len(movements) - 1) + b"\x00]}")
