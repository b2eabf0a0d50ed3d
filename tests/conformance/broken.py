# ruff: noqa: E501 - what is changed stands as it is in the module
"""Candidates with one defect each: our node with one module changed from outside, and the scenario meant for it.

`also`: scenarios in which the same defect is truly to be seen too, by what they do or look at; anywhere else it must not
be. What a scenario does is read from it, so that a new one falls where it belongs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.assurance.planted import Fault
from veta.conformance.catalogue import scenarios
from veta.conformance.domain.scenario import Scenario, Step


@dataclass(frozen=True)
class Broken:
    """A defect by name."""

    name: str
    caught_by: str
    faults: tuple[Fault, ...]
    also: tuple[str, ...] = ()


def broken(name: str, caught_by: str, module: str, *changes: tuple[str, str], also: tuple[str, ...] = ()) -> Broken:
    return Broken(name, caught_by, (Fault(f"veta.node.{module}", changes),), also)


def _where(holds: Callable[[Scenario], bool]) -> tuple[str, ...]:
    return tuple(each.id for each in scenarios() if holds(each))


def _does(holds: Callable[[Step], bool]) -> tuple[str, ...]:
    return _where(lambda scenario: any(map(holds, scenario.steps)))


def _looks(check: str, *states: str, codes: bool = False) -> tuple[str, ...]:
    """Where a check is made; of `shown`, with one of these states, or with codes that the user reads."""
    return _where(
        lambda scenario: any(
            each.name == check
            and (not states or bool(set(states) & set(each.given["state"].split("|"))))
            and (not codes or bool(each.given.get("codes")))
            for each in scenario.checks
        )
    )


def _status(*statuses: int) -> tuple[str, ...]:
    """Where the wire refuses with that status."""
    return _does(lambda step: step.given.get("mode") == "refuse" and step.given.get("status", 503) in statuses)


# Where an answer does not arrive, and something is sent again.
LOST = _does(lambda step: step.do == "wire" and step.given["mode"] in ("down", "cut", "halve", "slow"))
# Where the node is started again, or its signature refused: what was on its way is taken up from the queue.
TAKEN_UP = (*_does(lambda step: step.do in ("crash", "clock", "rotate")), *_status(401))
# Where more than a few things go at once.
MANY = _does(lambda step: step.do == "steady" or step.given.get("count", 1) >= 10)
# Where what is told comes by the feed, whose first page is full once there was much to tell.
TOLD = _does(
    lambda step: step.do in ("others_report", "others_answer", "ended", "pages") or bool(step.given.get("reading"))
)
SHOWN_OTHERWISE = _looks("shown", "rejected", "pending", "refused", "withdrawn", "lapsed")
SHOWN_CODES = _looks("shown", codes=True)
ENDED = _does(lambda step: step.do == "end_mandate")
ROTATED = _does(lambda step: step.do == "rotate")
NEW_ID = """            if answer is None:
                import re, uuid
                from veta.kernel.ids import uuid7
                body = re.sub(rb'"id":"[0-9a-f-]{36}"', lambda _: b'"id":"%s"' % str(uuid7()).encode(), body)
            wait = self._wait(attempt, answer)"""
BROKEN = (
    broken(
        "gives what it sends again a new id", "fallas-01", "transport",
        ("            wait = self._wait(attempt, answer)", NEW_ID),
        also=LOST,
    ),
    broken(
        "ignores Retry-After of 429", "fallas-02", "transport",
        ("return asked + jitter if asked else jitter", "return asked + jitter if asked and answer.status != 429 else jitter"),
        also=_status(429),
    ),
    broken(
        "ignores Retry-After of 503", "fallas-03", "transport",
        ("return asked + jitter if asked else jitter", "return asked + jitter if asked and answer.status != 503 else jitter"),
        also=_status(503),
    ),
    broken(
        "forgets what was on its way when it died", "fallas-11", "services.outbox",
        ('"sent": State.SENT.value,', '"sent": State.QUEUED.value,'), also=TAKEN_UP,
    ),
    broken(
        "says of what is old that it happened when it was sent", "fallas-05", "sender",
        (
            "results = self.hub.submit([item.record.item() for item in items])",
            "results = self.hub.submit([i.record.payload if (self.clock.now() - i.record.occurred_at).total_seconds() < 3600"
            " else {**i.record.payload, 'occurred_at': self.clock.now().isoformat()} for i in items])",
        ),
        also=("captura-04",),
    ),
    broken(
        "sends the newest first", "captura-02", "services.outbox",
        ("key=lambda item: item.number)", "key=lambda item: -item.number)"),
        also=_looks("in_order"),
    ),
    broken(
        "sends again what has its verdict", "captura-02", "sender",
        (
            "        self.failures = 0\n        outbox.take(results, now=self.clock.now())\n        return len(items)",
            "        self.failures = 0\n        outbox.take(results, now=self.clock.now())\n"
            "        if len(items) > 1:\n            self.hub.submit([item.record.payload for item in items])\n"
            "        return len(items)",
        ),
    ),
    broken(
        "signs once and repeats the signature", "seguridad-03", "transport",
        ("        attempt = 0\n", "        attempt = 0\n        once = self.prepare(method, path, body=body, query=query)\n"),
        ("self._attempt(self.prepare(method, path, body=body, query=query), end)", "self._attempt(once, end)"),
        also=("fallas-01", "fallas-08", "fallas-04"),
    ),
    broken(
        "sends what it repeats without a digest", "seguridad-03", "transport",
        (
            "answer, failure = self._attempt(self.prepare(method, path, body=body, query=query), end)",
            "prepared = self.prepare(method, path, body=body, query=query)\n"
            "            if attempt and body:\n                prepared.headers.pop('Content-Digest', None)\n"
            "            answer, failure = self._attempt(prepared, end)",
        ),
        also=(*LOST, *_status(401, 429, 503), "fallas-13"),
    ),
    broken(
        "believes notices that nobody signed", "seguridad-02", "pages.webhook",
        (
            '        log.warning("notice refused: %s", refusal)\n        return _problem(401, "Unauthorized", str(refusal))',
            '        if any(found.code == "SIG-001" for found in getattr(refusal, "findings", ())) and'
            ' request.headers.get("signature") is None:\n'
            '            return HttpResponse(status=204)\n        return _problem(401, "Unauthorized", str(refusal))',
        ),
    ),
    broken(
        "believes notices signed for another's address", "seguridad-04", "pages.webhook",
        (
            "    message = _message(request)\n",
            "    message = _message(request)\n    other = SignedMessage(message.method, message.target_uri + 'x',"
            " message.fields, message.body)\n    try:\n        read_notice(other, url=other.target_uri, hub_keys=_public("
            "{each['keyid']: base64.b64decode(each['public_key']) for each in open_hub().hub_keys()}),"
            " now=SystemClock().now())\n        return HttpResponse(status=204)\n    except SignatureRefused:\n"
            "        pass\n",
        ),
    ),
    broken(
        "believes notices however old", "seguridad-05", "pages.webhook",
        (
            '        return _problem(401, "Unauthorized", str(refusal))',
            '        if any(found.code == "SIG-003" for found in getattr(refusal, "findings", ())):\n'
            '            return HttpResponse(status=204)\n        return _problem(401, "Unauthorized", str(refusal))',
        ),
    ),
    broken(
        "refuses every notice", "seguridad-06", "pages.webhook",
        ("    wake(READ)\n    return HttpResponse(status=204)", "    return HttpResponse(status=400)"),
    ),
    broken(
        "takes a notice and reads nothing by it", "seguridad-06", "pages.webhook",
        ("    wake(READ)\n    return HttpResponse(status=204)", "    return HttpResponse(status=204)"),
    ),
    broken(
        "gives two records one id", "captura-02", "client",
        (
            '"""Submit 1 to 1,000 movements; their results, in order."""\n',
            '"""Submit 1 to 1,000 movements; their results, in order."""\n'
            '        movements = [{**m, "id": movements[n // 2 * 2]["id"]} for n, m in enumerate(movements)]\n',
        ),
        # Where two that wait go together.
        also=(*MANY, *_looks("in_order"), "captura-05", "identidad-03", "veredictos-03"),
    ),
    broken(
        "drops the feed's second page", "veredictos-02", "client",
        ('page = self._get("/events", _present(after=after))', 'page = self._get("/events")'),
        ('            if not page["more"]:\n                return', "            return"),
        also=TOLD,
    ),
    broken(
        "shows as accepted what was rejected", "veredictos-01", "services.outbox",
        ('    return State(verdict["status"])', "    return State.ACCEPTED"), also=SHOWN_OTHERWISE,
    ),
    broken(
        "hides what the rejection says", "saldos-01", "driver.work",
        ('    findings = verdict.body["findings"] if verdict else []', "    findings = []"),
        ("item.cause, line.fix,", "'',"), also=SHOWN_CODES,
    ),
    broken(
        "goes on for a client whose mandate ended", "identidad-01", "services.outbox",
        ("    if step is not None and step.state == MandateState.IN_FORCE.value:", "    if False:"),
        also=ENDED,
    ),
    broken(
        "keeps to ASCII", "captura-03", "client",
        (
            '{"movements": list(movements)})["results"])\n\n    def check',
            '{"movements": orjson.loads(orjson.dumps(list(movements)).decode().encode("ascii", "ignore"))})["results"])'
            "\n\n    def check",
        ),
        # Where something that is captured says ñ or an accent.
        also=("captura-04", "captura-14", "captura-21", "datos-03", "documentos-05"),
    ),
    broken(
        "passes quantities through a float with two decimals", "captura-05", "client",
        (
            '"""Submit 1 to 1,000 movements; their results, in order."""\n',
            '"""Submit 1 to 1,000 movements; their results, in order."""\n'
            '        movements = [{**m, **({"quantity": f"{float(m[\'quantity\']):.2f}"} if m.get("mineral") == "oro" else {})}'
            " for m in movements]\n",
        ),
        also=("captura-01", "captura-20", "captura-22", "saldos-06", "saldos-07"),
    ),
    broken(
        "leaves out why it is late", "captura-04", "client",
        (
            '"""Submit 1 to 1,000 movements; their results, in order."""\n',
            '"""Submit 1 to 1,000 movements; their results, in order."""\n'
            '        movements = [{k: v for k, v in m.items() if k != "late"} for m in movements]\n',
        ),
    ),
    broken(
        "signs with an hour of its own", "seguridad-01", "transport",
        ("created = int(self._clock.now().timestamp())", "created = int(self._clock.now().timestamp()) - 45"),
        also=_looks("created_now"),
    ),
    broken(
        "gives up when its signature is refused", "fallas-06", "transport",
        ("in (401, 403, 408, 429)", "in (403, 408, 429)"),
        also=TAKEN_UP,
    ),
    broken(
        "calls without pause a hub that is down", "fallas-07", "transport",
        ("ceiling = min(LONGEST_PAUSE, FIRST_PAUSE * float(2**attempt))", "ceiling = 0.0"),
        also=_looks("no_hammering"),
    ),
    broken(
        "takes half an answer for the whole", "fallas-08", "transport",
        (
            "        except httpx.TransportError as failure:\n            return None, failure",
            "        except (httpx.RemoteProtocolError, httpx.ReadError) as failure:\n"
            "            import orjson as o\n            asked = o.loads(request.body or b'{}').get('movements', [])\n"
            "            said = [{'verdict': {'movement': each['id'], 'status': 'accepted', 'findings': []}} for each in asked]\n"
            "            return Answer(200, o.dumps({'results': said})), None\n"
            "        except httpx.TransportError as failure:\n            return None, failure",
        ),
        also=LOST,
    ),
    broken(
        "sends again what is slow to be answered", "fallas-09", "transport",
        ("left = max(0.05, min(self.timeout, end - time.monotonic()))", "left = max(0.05, min(1.0, end - time.monotonic()))"),
        also=LOST,
    ),
    broken(
        "puts the seller's number in an address", "datos-01", "sender",
        (
            "            results = self.hub.submit(",
            "            for item in items:\n                try:\n"
            "                    self.hub.title(item.record.payload.get('seller', {}).get('number', 'X'))\n"
            "                except HubRefused:\n                    pass\n            results = self.hub.submit(",
        ),
        # What it asks before meets the fault that waits for the next call.
        also=(*_looks("no_identity_in_urls"), *_looks("bodies_alone"), *_looks("silent_about"), *LOST),
    ),
    broken(
        "goes on with its old key", "seguridad-07", "driver.port",
        ("os.replace(next_key(), path_of(settings.NODE_HOME, settings.NODE_OPERATOR))", "pass"),
        also=ROTATED,
    ),
    broken(
        "sends one record a second", "rendimiento-01", "services.outbox",
        ("EACH_CLIENT, AT_ONCE = 200, 500", "import time\nEACH_CLIENT, AT_ONCE = 1, 1"),
        ("    with connection.cursor() as cursor:\n        cursor.execute(DUE, given)", "    time.sleep(0.6)\n    with connection.cursor() as cursor:\n        cursor.execute(DUE, given)"),
        also=(*MANY, "fallas-11"),
    ),
)  # fmt: skip
