"""A title's validation, asked by the operator of one of its holders."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from ninja import Router

from veta.hub.api.operation import operation, told
from veta.hub.api.parties import actor_of, require_client
from veta.hub.api.reading import read_body
from veta.hub.api.signed import operator_of, signed_act, signed_write
from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.movements.domain.fields import party, placa
from veta.movements.domain.reader import Field, text
from veta.operators.queries import operator_named
from veta.oversight.queries import plan_history
from veta.oversight.services import LONGEST_REASON, Opening, open_case

router = Router(tags=["validations"])
ASKED: Final = (
    Field("title", placa),
    Field("party", party),
    Field("reason", text(LONGEST_REASON)),
    Field("quotation", text(20), required=False),
)


@router.post("/validations", **operation(
    signed_write("write"), answer="Validation", status=201, body=ASKED, refusals=(403, 404),
    example={
        "title": "DEMO-001", "party": {"type": "NIT", "number": "900500018"},
        "reason": "El plan nombra carbón sin su tipo.",
    },
))  # fmt: skip
def ask_validation(request: HttpRequest) -> HttpResponse:
    """Open the validation of a title in the name of one of its holders, or join the one that is open."""
    given = read_body(request, ASKED)
    operator = operator_of(request)
    holder = given["party"]
    require_client(actor_of(holder), operator, field="party")
    opening = Opening(
        title=given["title"], opener="holder", reason=given["reason"], document=holder.document,
        quotation=given.get("quotation", ""), operator=operator_named(operator).code,
    )  # fmt: skip
    with signed_act(request, frame=b"\x00"):  # the body names a person
        case = open_case(opening, on=bogota_date(SystemClock().now()))
    page = settings.PUBLIC_ORIGIN + reverse("validation_status", args=[case.code])
    state = case.state(plan_history(case.title_code))
    return told({"code": case.code, "title": case.title_code, "state": state, "page": page}, status=201)
