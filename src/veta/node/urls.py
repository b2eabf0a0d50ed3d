"""The node's addresses. Every name has a row in `veta.node.permissions`."""

from django.urls import URLPattern, path
from django.views.i18n import set_language

from veta.node.pages import (
    books,
    counter,
    counter_wire,
    documents,
    joining,
    mending,
    offers,
    receipts,
    reconciling,
    records,
    sheets,
    start,
    undoing,
    webhook,
)
from veta.node.pages.capture import views as capture
from veta.site.urls import OWN_ACCOUNT, SIGN_IN

urlpatterns: list[URLPattern] = [
    path("", start.home, name="home"),
    path("salud", start.health, name="health"),
    path("accesibilidad/", start.accessibility, name="accessibility"),
    path("aviso-legal/", start.legal, name="legal"),
    path("idioma/", set_language, name="set_language"),
    *SIGN_IN,
    *(each for each in OWN_ACCOUNT if each.name != "access_purpose"),
    # The hub calls here: no session, no form.
    path("api/avisos", webhook.receive, name="node_webhook"),
    path("clientes/nuevo/", joining.kinds, name="node_kinds"),
    path("clientes/nuevo/<str:kind>/", joining.join, name="node_join"),
    path("clientes/<uuid:client>/", start.client, name="node_client"),
    path("clientes/<uuid:client>/capturar/", capture.menu, name="node_capture_menu"),
    path("clientes/<uuid:client>/capturar/<str:kind>/", capture.movement, name="node_capture"),
    path("clientes/<uuid:client>/ofertas/", offers.offers, name="node_offers"),
    path("clientes/<uuid:client>/ofertas/<uuid:movement>/", offers.offer, name="node_offer"),
    path("clientes/<uuid:client>/mandato/", joining.mandate, name="node_mandate"),
    path("clientes/<uuid:client>/personas/", joining.people, name="node_people"),
    path("clientes/<uuid:client>/personas/<uuid:membership>/retirar/", joining.leave, name="node_leave"),
    path("clientes/<uuid:client>/conciliacion/", reconciling.book, name="node_reconciliation"),
    path("clientes/<uuid:client>/registros/<uuid:record>/", records.record, name="node_record"),
    path("clientes/<uuid:client>/mostrador/", counter.counter, name="node_counter"),
    path("clientes/<uuid:client>/mostrador/datos.json", counter.data, name="node_counter_data"),
    path("clientes/<uuid:client>/mostrador/worker.js", counter.worker, name="node_counter_worker"),
    path("clientes/<uuid:client>/mostrador/mostrador.webmanifest", counter.manifest, name="node_counter_manifest"),
    path("clientes/<uuid:client>/mostrador/sincronizar", counter_wire.sync, name="node_counter_sync"),
    path("clientes/<uuid:client>/mostrador/minero", counter_wire.miner, name="node_counter_miner"),
    path("clientes/<uuid:client>/mostrador/consentimiento", counter_wire.consent, name="node_counter_consent"),
    path("clientes/<uuid:client>/registros/<uuid:record>/recibo/", receipts.receipt, name="node_receipt"),
    path("clientes/<uuid:client>/registros/<uuid:record>/recibo.pdf", receipts.paper, name="node_receipt_paper"),
    path("clientes/<uuid:client>/registros/<uuid:record>/descartar/", mending.dismiss_page, name="node_dismiss"),
    path("clientes/<uuid:client>/registros/<uuid:record>/anular/", undoing.undo_page, name="node_undo"),
    path("clientes/<uuid:client>/registros/<uuid:record>/paquete/", documents.export_pack, name="node_export_pack"),
    path("clientes/<uuid:client>/documentos/", documents.documents, name="node_documents"),
    path("clientes/<uuid:client>/historia.zip", documents.history, name="node_bundle"),
    path("clientes/<uuid:client>/revisar/", mending.unsettled_page, name="node_unsettled"),
    path("clientes/<uuid:client>/sedes/", joining.places, name="node_places"),
    path("clientes/<uuid:client>/libros/<str:book>/", books.books, name="node_book"),
    path("clientes/<uuid:client>/hojas/", sheets.sheets, name="node_sheets"),
    path("clientes/<uuid:client>/hojas/plantilla/<str:kind>/", sheets.sheet_template, name="node_sheet_template"),
    path("clientes/<uuid:client>/hojas/<uuid:sheet>/", sheets.sheet, name="node_sheet"),
    path("clientes/<uuid:client>/hojas/<uuid:sheet>/archivo/", sheets.sheet_file, name="node_sheet_file"),
]
