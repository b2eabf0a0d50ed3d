"""Addresses of the mayor's desk; a person is its random id."""

from django.urls import URLPattern, path

from veta.hub.mayor import pages, seat_pages

urlpatterns: list[URLPattern] = [
    path("alcaldia/", pages.home, name="mayor_home"),
    path("alcaldia/inscribir/", pages.enrol, name="mayor_enrol"),
    path("alcaldia/informe/", pages.report, name="mayor_report"),
    path("alcaldia/decomiso/", pages.seize, name="mayor_seize"),
    path("alcaldia/decomiso/sin-lote/", pages.seize_found, name="mayor_seize_found"),
    path("alcaldia/personas/<uuid:actor>/", pages.person, name="mayor_person"),
    path("alcaldia/personas/<uuid:actor>/renovar/", pages.renew, name="mayor_renew"),
    path("alcaldia/personas/<uuid:actor>/terminar/", pages.cancel, name="mayor_cancel"),
    path("alcaldia/personas/<uuid:actor>/tarjeta/", pages.card, name="mayor_card"),
    path("alcaldias/", seat_pages.listed, name="mayor_seats"),
    path("alcaldias/nueva/", seat_pages.propose, name="mayor_seat_propose"),
    path("alcaldias/<uuid:seat>/", seat_pages.decide, name="mayor_seat"),
]
