"""The hub's pages. The signed API is mounted beside them in `config.urls`; every name has a row in the permissions."""

from django.urls import URLPattern, path

from veta.hub import pages

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("salud", pages.health, name="health"),
    path("accesibilidad/", pages.accessibility, name="accessibility"),
    path("aviso-legal/", pages.legal, name="legal"),
]
