"""Forms under way at once: slow ones are left few threads, and give them back; strangers keep nobody else out."""

from itertools import count

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.test import RequestFactory

from veta.site.for_pages import FewForms, ForPages

factory = RequestFactory()


def sent(user: User | AnonymousUser) -> HttpRequest:
    request = factory.post("/ingreso/", headers={"Accept": "application/problem+json"})
    request.user = user
    return request


STRANGER = AnonymousUser()
ONE = User(pk=7)
CROWD = (User(pk=number // FewForms.each) for number in count(20))
PLACES = {
    "strangers": (lambda: STRANGER, FewForms.strangers),
    "one person": (lambda: ONE, FewForms.each),
    "many people": (lambda: next(CROWD), FewForms.members),
}


@pytest.mark.parametrize(("who", "most"), PLACES.values(), ids=PLACES.keys())
def test_few_forms_at_once_and_their_places_come_back(who, most: int) -> None:  # type: ignore[no-untyped-def]
    under_way = []

    def another_meanwhile(request: HttpRequest) -> HttpResponseBase:
        under_way.append(request)
        return few(sent(who()))

    few = FewForms(another_meanwhile)
    for _ in range(2):
        under_way.clear()
        refused = few(sent(who()))
        assert (refused.status_code, refused["Retry-After"], len(under_way)) == (429, "10", most)


def test_strangers_who_send_slowly_keep_out_nobody_with_an_account_and_no_reader() -> None:
    found = []

    def full(request: HttpRequest) -> HttpResponseBase:
        if not found:
            few.get_response = lambda request: HttpResponse(status=204)
            few.under_way.update({None: FewForms.strangers})
            found.extend(few(each).status_code for each in (sent(ONE), factory.get("/ingreso/"), sent(STRANGER)))
        return HttpResponse(status=204)

    few = FewForms(full)
    few(sent(STRANGER))
    assert found == [204, 204, 429]


def test_a_signed_call_goes_past_the_layers_of_a_page() -> None:
    site = ForPages(lambda request: HttpResponse(status=204 if hasattr(request, "session") else 202))
    assert site(factory.post("/api/v1/movements", headers={"Host": "127.0.0.1"})).status_code == 202
    assert site(factory.get("/ingreso/", headers={"Host": "127.0.0.1"})).status_code == 204
