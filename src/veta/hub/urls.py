"""The hub's pages. The signed API is mounted beside them in `config.urls`; every name has a row in the permissions."""

from django.urls import URLPattern, path

from veta.hub import bonds, pages, prices, royalties

urlpatterns: list[URLPattern] = [
    path("", pages.home, name="home"),
    path("salud", pages.health, name="health"),
    path("accesibilidad/", pages.accessibility, name="accessibility"),
    path("aviso-legal/", pages.legal, name="legal"),
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
    path("precios/", prices.price_list, name="price_list"),
    path("resoluciones/", prices.desk, name="price_desk"),
    path("resoluciones/ingresar/", prices.enter, name="price_enter"),
    path("resoluciones/<uuid:resolution>/", prices.decide, name="price_decide"),
]
