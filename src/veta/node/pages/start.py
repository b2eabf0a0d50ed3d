"""The first page: a stranger is told what this is, a person sees their clients and how each one's sending stands."""

from uuid import UUID

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render

from veta.kernel.clock import SystemClock
from veta.kernel.period import bogota_date
from veta.node.domain.clients import BUYERS
from veta.node.queries.authorizing import outdated
from veta.node.queries.chains import breaks_of
from veta.node.queries.differences import reported_elsewhere
from veta.node.queries.members import by_name, client_for, clients_of
from veta.node.queries.mending import unsettled
from veta.node.queries.offers import waiting
from veta.node.queries.outbox import latest, standings
from veta.node.roles import NodeRole
from veta.site.access import Decision
from veta.site.caller import caller_of, person_of
from veta.site.deployment import deployment
from veta.site.middleware import answer, judge


def home(request: HttpRequest) -> HttpResponseBase:
    """The clients of whoever signed in, each with its mandate and what waits to be sent.

    The address is everybody's; the list is as guarded as a client's page. Who has no role is told so.
    """
    if not request.user.is_authenticated:
        return render(request, "node/welcome.html")
    row = deployment().permissions["node_client"]
    decision = judge(request, row)
    if decision not in {Decision.PASS, Decision.FORBIDDEN}:
        return answer(request, decision, row)
    clients = by_name(clients_of(person_of(request).id))
    return render(
        request, "node/home.html", {"standings": standings(clients), "desk": NodeRole.DESK in caller_of(request).roles}
    )


def client(request: HttpRequest, client: UUID) -> HttpResponse:
    """One client: its mandate, its queue, and its latest records."""
    found = client_for(person_of(request).id, client)
    (standing,) = standings([found])
    context = {
        "standing": standing,
        "offers": waiting(found),
        "unsettled": unsettled(found).count(),
        "elsewhere": reported_elsewhere(found.id),
        "records": latest(found.id, limit=50),
        "breaks": breaks_of(found.id),
        "buys": found.kind in BUYERS
        and bool({NodeRole.OWNER, NodeRole.COUNTER, NodeRole.DESK} & caller_of(request).roles),
        "outdated": outdated(found.id, bogota_date(SystemClock().now())) is not None,
        "manages": bool({NodeRole.OWNER, NodeRole.DESK} & caller_of(request).roles),
        "captures": bool({NodeRole.OWNER, NodeRole.COUNTER, NodeRole.DESK} & caller_of(request).roles),
    }
    return render(request, "node/client.html", context)


def health(request: HttpRequest) -> JsonResponse:
    """200 where this process answers and reaches the database, else 503; says nothing more to a stranger."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        response = JsonResponse({"status": "unavailable"}, status=503)
        response["Retry-After"] = "5"
    else:
        response = JsonResponse({"status": "ok"})
    response["Cache-Control"] = "no-store"
    return response


def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "node/accessibility.html")


def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "node/legal.html")
