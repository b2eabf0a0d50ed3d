"""The desk's addresses. Identities of people are never in them: an actor is its random id."""

from django.urls import URLPattern, path

from veta.hub.desk import (
    access_log,
    actors,
    home,
    lots,
    movements,
    operators,
    proposals,
    queue,
    renewals,
    search,
    titles,
)

urlpatterns: list[URLPattern] = [
    path("tablero/", home.home, name="desk_home"),
    path("tablero/dias/", home.days, name="desk_days"),
    path("tablero/dias.svg", home.chart, name="desk_chart"),
    path("tablero/buscar/", search.search, name="desk_search"),
    path("tablero/por-decidir/", queue.queue, name="desk_queue"),
    path("tablero/consultas/", access_log.access_log, name="desk_access_log"),
    path("movimientos/", movements.movements, name="desk_movements"),
    path("movimientos/<uuid:movement>/", movements.movement, name="desk_movement"),
    path("lotes/<uuid:lot>/", lots.lot, name="desk_lot"),
    path("lotes/<uuid:lot>/origenes", lots.origins, name="desk_lot_origins"),
    path("lotes/<uuid:lot>/<str:side>/", lots.trace, name="desk_trace"),
    path("titulos/<path:code>/", titles.title, name="desk_title"),
    path("actores/<uuid:actor>/", actors.actor, name="desk_actor"),
    path("operadores/", operators.operators, name="desk_operators"),
    path("operadores/<uuid:operator>/", operators.operator, name="desk_operator"),
    path("operadores/<uuid:operator>/estado/", operators.status, name="desk_operator_status"),
    path("llaves/<str:key>/aprobar/", operators.approve, name="desk_key_approve"),
    path("llaves/<str:key>/revocar/", operators.revoke, name="desk_key_revoke"),
    path("registro/actos/", proposals.acts, name="desk_proposals"),
    path("registro/actos/titulo/", proposals.enter_title, name="desk_enter_title"),
    path("registro/actos/plan/", proposals.enter_plan, name="desk_enter_plan"),
    path("registro/actos/<uuid:proposal>/", proposals.decide, name="desk_proposal"),
    path("registro/renovaciones/", renewals.renewals, name="desk_renewals"),
]
