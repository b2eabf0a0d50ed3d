"""Where a dispatch is checked on the road; every name has its row in the permissions."""

from django.urls import URLPattern, path

from veta.hub.road import pages

urlpatterns: list[URLPattern] = [
    path("camino/<str:code>", pages.page, name="road_pack"),
    path("camino/<str:code>/pdf", pages.sheet, name="road_paper"),
]
