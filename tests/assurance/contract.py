"""Schemathesis over the API's own document: every operation, signed by an operator, each answer held against it."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import jsonschema_rs
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import from_schema

from tests.hub.operators import Signer
from veta.config.wsgi import application
from veta.operators.domain.keys import possession_statement
from veta.operators.services import keys

# A batch is answered 200 and each item for itself: `refused_items` holds what is asked of these two instead.
BATCHES = {"report", "check"}
CHECKS = {
    # Well-formed is not lawful: a party that nobody registered is refused with 404 or 422, as documented.
    "positive_data_acceptance": {"enabled": False},
    # A batch that was read is answered 200, whatever became of its items: not each is there to be looked up.
    "ensure_resource_availability": {"enabled": False},
    # Who may call what, signed or not, is T10's and T11's, cell by cell.
    "ignored_auth": {"enabled": False},
    "missing_required_header": {"enabled": False},
}


@dataclass
class Signing:
    """The application as an operator calls it: whatever Schemathesis makes is signed, byte for byte, on its way in."""

    signer: Signer
    seen: Counter[int] = field(default_factory=Counter)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        answer = self._call(environ, start_response, body)
        if self.seen_last == 401:  # a key that one of the cases revoked is followed by another
            self._renew()
        return answer

    def _call(self, environ: dict[str, Any], start_response: Callable[..., Any], body: bytes) -> Iterable[bytes]:
        path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/!$&'()*+,;=:@~")
        query = environ.get("QUERY_STRING", "")
        given = self.signer.headers(environ["REQUEST_METHOD"], path, body, query=query)
        signed = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in given.items()}
        signed.pop("HTTP_CONTENT_TYPE", None)
        inside = {**environ, **signed, "wsgi.input": io.BytesIO(body), "HTTP_HOST": "127.0.0.1"}

        def started(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            self.seen_last = int(status.split()[0])
            self.seen[self.seen_last] += 1
            return start_response(status, headers)

        response = application(inside, started)
        content = [b"".join(response)]
        getattr(response, "close", lambda: None)()
        return content

    def _renew(self) -> None:
        private = Ed25519PrivateKey.generate()
        raw = private.public_key().public_bytes_raw()
        proof = private.sign(possession_statement(self.signer.code, raw))
        self.signer.key_id = keys.record_key(
            operator=self.signer.operator, public_key=raw, purpose="signing", officer="oficial-1", proof=proof
        )
        keys.approve_key(self.signer.key_id, officer="oficial-2")
        self.signer.private = private

    seen_last: int = 0


@dataclass
class Outcome:
    """What a run saw."""

    cases: int = 0
    operations: set[str] = field(default_factory=set)
    failures: dict[str, str] = field(default_factory=dict)
    statuses: Counter[int] = field(default_factory=Counter)


def run(document: dict[str, Any], signer: Signer, *, examples: int, seed: int, steps: int, seconds: int) -> Outcome:
    """Coverage, fuzzing and stateful phases over the document; failures by check and operation, each once."""
    app = Signing(signer)
    schema = schemathesis.openapi.from_dict(unsigned(document), config=configuration(examples, seed, steps, seconds))
    schema.app = app
    outcome = Outcome(statuses=app.seen)
    for event in from_schema(schema).execute():
        recorder = getattr(event, "recorder", None)
        if recorder is not None:
            outcome.cases += len(recorder.cases)
            outcome.operations |= {node.value.operation.label for node in recorder.cases.values()}
            for case_id, checks in recorder.checks.items():
                for check in checks:
                    if check.failure_info is not None:
                        label = f"{check.name}: {recorder.cases[case_id].value.operation.label}"
                        outcome.failures.setdefault(label, str(check.failure_info.failure.message)[:2000])
        if type(event).__name__ in {"NonFatalError", "FatalError"}:
            outcome.failures.setdefault(type(event).__name__, str(getattr(event, "info", event))[:2000])
    return outcome


def unsigned(document: dict[str, Any]) -> dict[str, Any]:
    """The document without its security: signing is the application's, above, and no header of the cases'."""
    plain = json.loads(json.dumps(document))
    plain["components"].pop("securitySchemes")
    for methods in plain["paths"].values():
        for operation in methods.values():
            operation.pop("security")
    return dict(plain)


def configuration(examples: int, seed: int, steps: int, seconds: int) -> SchemathesisConfig:
    batches = [
        {"include-operation-id": name, "checks": {"negative_data_rejection": {"enabled": False}}} for name in BATCHES
    ]
    given: dict[str, Any] = {
        "seed": seed,
        "max-time": seconds,
        "continue-on-failure": True,
        "generation": {
            "max-examples": examples,
            "no-shrink": True,
            "with-security-parameters": False,
            "database": "none",
        },
        "phases": {"stateful": {"max-steps": steps, "generation": {"max-examples": examples}}},
        "checks": CHECKS,
        "operations": batches,
    }
    return SchemathesisConfig.from_dict(given)


@schemathesis.check
def refused_items(ctx: Any, response: Any, case: Any) -> None:
    """An item that the schema does not allow is rejected, kept nowhere, and leaves no receipt."""
    if case.operation.definition.raw.get("operationId") not in BATCHES or response.status_code != 200:
        return
    sent = json.loads(response.request.body)["movements"]
    validator = item_validator(case.operation.schema.raw_schema)
    for item, result in zip(sent, response.json()["results"], strict=True):
        if not validator.is_valid(item):
            assert (result["verdict"]["status"], result["receipt"]) == ("rejected", None), f"accepted: {item}"


_validators: dict[int, Any] = {}


def item_validator(document: dict[str, Any]) -> Any:
    if id(document) not in _validators:
        wanted = {"$ref": "#/components/schemas/Movement", "components": document["components"]}
        _validators[id(document)] = jsonschema_rs.validator_for(wanted)
    return _validators[id(document)]
