"""Every address of the node. Each name has a row in `veta.node.permissions`, or the build fails."""

from django.urls import URLPattern, URLResolver, include, path

handler400 = "veta.site.errors.bad_request"
handler403 = "veta.site.errors.permission_denied"
handler404 = "veta.site.errors.not_found"
handler429 = "veta.site.errors.too_many_requests"
handler500 = "veta.site.errors.failed"

urlpatterns: list[URLPattern | URLResolver] = [path("", include("veta.node.urls"))]
