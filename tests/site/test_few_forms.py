"""Forms under way at once: slow ones are left few threads, and give them back."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import RequestFactory

from veta.site.for_pages import FewForms, ForPages

factory = RequestFactory()


def test_few_forms_at_once_and_their_places_come_back() -> None:
    under_way = []

    def another_meanwhile(request: HttpRequest) -> HttpResponseBase:
        under_way.append(request)
        return few(request)

    few = FewForms(another_meanwhile)
    for _ in range(2):
        under_way.clear()
        refused = few(factory.post("/ingreso/"))
        assert (refused.status_code, refused["Retry-After"], len(under_way)) == (429, "10", FewForms.at_once)


def test_reading_a_page_needs_no_place() -> None:
    few = FewForms(lambda request: HttpResponse(status=204))
    for _ in range(FewForms.at_once):
        few.places.acquire()
    assert few(factory.get("/ingreso/")).status_code == 204
    assert few(factory.post("/ingreso/")).status_code == 429


def test_a_signed_call_goes_past_the_layers_of_a_page() -> None:
    site = ForPages(lambda request: HttpResponse(status=204 if hasattr(request, "session") else 202))
    assert site(factory.post("/api/v1/movements", headers={"Host": "127.0.0.1"})).status_code == 202
    assert site(factory.get("/ingreso/", headers={"Host": "127.0.0.1"})).status_code == 204
