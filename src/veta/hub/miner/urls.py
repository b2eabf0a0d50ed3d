"""Addresses of the miner's page and of the desk that reads its answers; none carries who it is about."""

from uuid import UUID

from django.urls import URLPattern, path

from veta.hub.miner import desk, pages

# The desk's own id: looking at the list is recorded as looking at this, so that the record names no miner.
DESK = UUID("00000000-0000-8000-8000-006d696e6572")

urlpatterns: list[URLPattern] = [
    path("m/", pages.start, name="miner_start"),
    path("m/<str:token>/", pages.link, name="miner_link"),
    path("tarjeta/<str:token>/", pages.card, name="miner_card"),
    path("mi/", pages.page, name="miner_page"),
    path("mi/respuesta/", pages.answer, name="miner_answer"),
    path("mi/listo/", pages.done, name="miner_done"),
    path("mi/tarjeta/perdida/", pages.lost, name="miner_lost"),
    path("mi/salir/", pages.leave, name="miner_leave"),
    path("avisos/", desk.reports, {"desk": DESK}, name="miner_reports"),
    path("avisos/<uuid:report>/", desk.report, name="miner_report"),
]
