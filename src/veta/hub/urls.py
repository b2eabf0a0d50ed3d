"""The hub's pages. The signed API is mounted beside them in `config.urls`; every name has a row in the permissions."""

from django.urls import URLPattern, path

from veta.hub import (
    bond_desk,
    bonds,
    log,
    pages,
    prices,
    royalties,
    settlements,
    validation_desk,
    validations,
    withholdings,
)
from veta.hub.calls.urls import urlpatterns as call_urls
from veta.hub.certificate_urls import urlpatterns as certificate_urls
from veta.hub.desk.urls import urlpatterns as desk_urls
from veta.hub.mayor import urls as mayor
from veta.hub.miner import urls as miner
from veta.hub.road.urls import urlpatterns as road_urls

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("salud", pages.health, name="health"),
    path("accesibilidad/", pages.accessibility, name="accessibility"),
    path("aviso-legal/", pages.legal, name="legal"),
    path("log/checkpoint", log.checkpoint, name="log_checkpoint"),
    path("log/keys", log.keys, name="log_keys"),
    path("log/proof", log.proof, name="log_proof"),
    path("log/consistency", log.consistency, name="log_consistency"),
    path("log/tile/<str:level>/<path:place>", log.tile, name="log_tile"),
    path("poliza/", bonds.calculate, name="bond_calculate"),
    path("poliza/guardar/", bonds.save, name="bond_save"),
    path("poliza/comprobar/", bonds.check, name="bond_check"),
    path("poliza/calculo/<str:code>/", bonds.saved, name="bond_saved"),
    path("poliza/calculo/<str:code>/pdf", bonds.paper, name="bond_paper"),
    path("poliza/calculo/<str:code>/peticion", bonds.petition, name="bond_petition"),
    path("regalias/", royalties.calculate, name="royalty_calculate"),
    path("regalias/pdf", royalties.paper, name="royalty_paper"),
    path("regalias/historico/", royalties.history, name="royalty_history"),
    path("regalias/historico/grafico.svg", royalties.chart, name="royalty_chart"),
    path("polizas/", bond_desk.desk, name="bond_desk"),
    path("polizas/exigir/", bond_desk.require, name="bond_require"),
    path("polizas/comparar/", bond_desk.coherence, name="bond_coherence"),
    path("polizas/<uuid:bond>/", bond_desk.life, name="bond_life"),
    path("polizas/<uuid:bond>/presentar/", bond_desk.present, name="bond_present"),
    path("polizas/<uuid:bond>/decidir/", bond_desk.decide, name="bond_decide"),
    path("polizas/<uuid:bond>/efectiva/", bond_desk.draw, name="bond_draw"),
    path("validacion/", validations.ask, name="validation_ask"),
    path("validacion/<str:code>/", validations.status, name="validation_status"),
    path("casos/", validation_desk.desk, name="validation_desk"),
    path("casos/abrir/", validation_desk.take_up, name="validation_open"),
    path("casos/<uuid:case>/", validation_desk.case, name="validation_case"),
    path("casos/<uuid:case>/peticion", validation_desk.petition, name="validation_petition"),
    path("casos/<uuid:case>/resultado/", validation_desk.decide, name="validation_decide"),
    path("casos/<uuid:case>/requerir/", validation_desk.require, name="validation_require"),
    path("casos/<uuid:case>/requerimiento/", validation_desk.settle, name="validation_settle"),
    path("obligados/", validation_desk.bound, name="bound_unlinked"),
    path("liquidaciones/", settlements.desk, name="settlement_desk"),
    path("liquidaciones/borrador/", settlements.draft, name="settlement_draft"),
    path("liquidaciones/<uuid:settlement>/", settlements.settlement, name="settlement"),
    path("liquidaciones/<uuid:settlement>/pdf", settlements.paper, name="settlement_paper"),
    path("liquidaciones/<uuid:settlement>/declarar/", settlements.declare, name="settlement_declare"),
    path("liquidaciones/<uuid:settlement>/pagar/", settlements.pay, name="settlement_pay"),
    path("retenciones/", withholdings.desk, name="withholding_desk"),
    path("retenciones/<uuid:buyer>/<str:month>/", withholdings.book, name="withholding_book"),
    path("precios/", prices.price_list, name="price_list"),
    path("resoluciones/", prices.desk, name="price_desk"),
    path("resoluciones/ingresar/", prices.enter, name="price_enter"),
    path("resoluciones/<uuid:resolution>/", prices.decide, name="price_decide"),
    *certificate_urls,
    *road_urls,
    *call_urls,
    *desk_urls,
    *miner.urlpatterns,
    *mayor.urlpatterns,
]
