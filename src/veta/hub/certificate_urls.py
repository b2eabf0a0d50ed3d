"""Where anyone checks a certificate; every name has its row in the permissions."""

from django.urls import URLPattern, path

from veta.hub import certificates

urlpatterns: list[URLPattern] = [
    path("v/estado/<str:purpose>", certificates.status, name="certificate_status"),
    path("v/<str:token>", certificates.page, name="certificate"),
    path("v/<str:token>/pdf", certificates.paper, name="certificate_paper"),
    path("v/<str:token>/json", certificates.credential, name="certificate_json"),
    path("v/<str:token>/log.json", certificates.proof, name="certificate_proof"),
    path("v/<str:token>/origins", certificates.refiner, name="certificate_origins"),
    path("v/<str:token>/origins.json", certificates.refiner_json, name="certificate_origins_json"),
    path("v/<str:token>/origins.pdf", certificates.refiner_paper, name="certificate_origins_pdf"),
    path("verificar/", certificates.reader, name="certificate_reader"),
    path("verificar/worker.js", certificates.worker, name="certificate_worker"),
    path("verificar/datos.json", certificates.known, name="certificate_known"),
]
