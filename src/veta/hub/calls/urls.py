"""The addresses of the call for operators. A firm's application is its account's: no id of it is in an address."""

from django.urls import URLPattern, path

from veta.hub.calls import applicant, desk, evaluators, formats, handed, making, public, publication

urlpatterns: list[URLPattern] = [
    path("convocatorias/", public.listed, name="call_list"),
    path("operadores-registrados/", public.operators, name="call_operators"),
    path("formato-de-pruebas/", formats.shown, name="call_format"),
    path("convocatorias/<slug:code>/", public.shown, name="call_public"),
    path("convocatorias/<slug:code>/datos.json", public.data, name="call_json"),
    path("convocatorias/<slug:code>/actos/<int:place>/pdf", public.act_pdf, name="call_act"),
    path("convocatorias/<slug:code>/actos/<int:place>/anexo", public.act_annex, name="call_annex"),
    path("convocatorias/<slug:code>/preguntar/", public.ask, name="call_ask"),
    path("convocatorias/<slug:code>/cuenta/", public.account, name="call_account"),
    path("convocatorias/<slug:code>/registro/", applicant.register, name="call_register"),
    path("convocatorias/<slug:code>/mi-solicitud/", applicant.mine, name="call_mine"),
    path("convocatorias/<slug:code>/mi-solicitud/presentar/", applicant.submit, name="call_submit"),
    path("convocatorias/<slug:code>/mi-solicitud/retirar/", applicant.withdraw, name="call_withdraw"),
    path("convocatorias/<slug:code>/mi-solicitud/observar/", applicant.observe, name="call_observe"),
    path("convocatorias/<slug:code>/mi-solicitud/servicios/", handed.receive, name="call_receive"),
    path("convocatorias/<slug:code>/mi-solicitud/credenciales/", handed.credentials, name="call_credentials"),
    path("convocatorias/<slug:code>/mi-solicitud/llaves/", handed.keys, name="call_keys"),
    path("convocatorias/<slug:code>/mi-solicitud/recurso/", applicant.appeal, name="call_appeal"),
    path("convocatorias/<slug:code>/mi-solicitud/recibos/<int:place>", applicant.receipt, name="call_receipt"),
    path(
        "convocatorias/<slug:code>/mi-solicitud/documentos/<str:digest>", applicant.own_document, name="call_document"
    ),
    path("convocatorias/<slug:code>/mi-solicitud/requisitos/<str:item>/", applicant.item, name="call_item"),
    path(
        "convocatorias/<slug:code>/mi-solicitud/requisitos/<str:item>/quitar/<str:digest>",
        applicant.remove,
        name="call_item_remove",
    ),
    path("mesa-convocatorias/", desk.desk, name="calls_desk"),
    path("mesa-convocatorias/nueva/", making.new, name="calls_new"),
    path("mesa-convocatorias/<slug:code>/", desk.call_page, name="calls_call"),
    path("mesa-convocatorias/<slug:code>/historia.json", desk.export, name="calls_export"),
    path("mesa-convocatorias/<slug:code>/historia.zip", desk.archive, name="calls_archive"),
    path("mesa-convocatorias/<slug:code>/equipo/", publication.team, name="calls_team"),
    path("mesa-convocatorias/<slug:code>/corregir/", making.revise, name="calls_revise"),
    path("mesa-convocatorias/<slug:code>/servicios/", evaluators.services, name="calls_services"),
    path("mesa-convocatorias/<slug:code>/requisito/", publication.requirement, name="calls_requirement"),
    path("mesa-convocatorias/<slug:code>/preparar/", publication.prepare, name="calls_prepare"),
    path("mesa-convocatorias/<slug:code>/adendo/", publication.addendum, name="calls_addendum"),
    path("mesa-convocatorias/<slug:code>/firmar/", publication.sign, name="calls_sign"),
    path(
        "mesa-convocatorias/<slug:code>/preguntas/<uuid:question>/",
        publication.answer_question,
        name="calls_answer_question",
    ),
    path("mesa-convocatorias/<slug:code>/<uuid:application>/", desk.application, name="calls_application"),
    path(
        "mesa-convocatorias/<slug:code>/<uuid:application>/documentos/<str:digest>",
        desk.document,
        name="calls_document",
    ),
    path("mesa-convocatorias/<slug:code>/<uuid:application>/interes/", evaluators.interest, name="calls_interest"),
    path("mesa-convocatorias/<slug:code>/<uuid:application>/evaluar/<str:item>/", evaluators.judge, name="calls_judge"),
    path("mesa-convocatorias/<slug:code>/<uuid:application>/subsanar/", evaluators.cures, name="calls_cures"),
    path(
        "mesa-convocatorias/<slug:code>/<uuid:application>/observaciones/<uuid:observation>/",
        evaluators.answer,
        name="calls_answer",
    ),
    path("mesa-convocatorias/<slug:code>/<uuid:application>/pruebas/", evaluators.attempt, name="calls_attempt"),
    path("mesa-convocatorias/<slug:code>/<uuid:application>/servicios/", evaluators.deliver, name="calls_deliver"),
    path("mesa-convocatorias/<slug:code>/<uuid:application>/notificar/", publication.notice, name="calls_notice"),
    path(
        "mesa-convocatorias/<slug:code>/<uuid:application>/recursos/<uuid:appeal>/",
        publication.appeal,
        name="calls_appeal",
    ),
    path("mesa-convocatorias/<slug:code>/<uuid:application>/decidir/", publication.settle, name="calls_settle"),
    path("mesa-convocatorias/<slug:code>/<uuid:application>/actos/<str:act>/", publication.act_over, name="calls_act"),
]
