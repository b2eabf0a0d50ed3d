"""What pages need and programs do not: files, sessions, the reader's language, forms, messages, the country's clock.

A signed call has none of them, and they took a quarter of the time that it spends in Python. The permission table and
the security headers stand for every path; what is under `PROGRAM_PATHS` admits nobody by session (a test holds it).
"""

from collections import Counter
from collections.abc import Callable
from functools import reduce
from threading import Lock
from typing import Any, Final, cast

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import timezone, translation
from whitenoise.middleware import WhiteNoiseMiddleware

from veta.kernel.period import BOGOTA
from veta.site.errors import BUSY, PROGRAM_PATHS, refuse

Answer = Callable[[HttpRequest], HttpResponseBase]


class FewForms:
    """Lets few forms be under way at once in a process, for one that arrives slowly holds its thread.

    Strangers have few places between them, people of the site many, and none of these more than two: whoever needs no
    account to send slowly cannot keep an applicant from the last minute of a term. Signed calls keep the other threads.
    """

    strangers, members, each = 8, 32, 2

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.under_way: Counter[Any] = Counter()  # by account; None: by nobody's
        self.counting = Lock()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in {"GET", "HEAD"}:
            return self.get_response(request)
        who = request.user.pk
        if not self._enters(who):
            response = refuse(request, 429, BUSY)
            response["Retry-After"] = "10"
            return response
        try:
            return self.get_response(request)
        finally:
            with self.counting:
                self.under_way[who] -= 1

    def _enters(self, who: Any) -> bool:
        with self.counting:
            strangers = self.under_way[None]
            free = (
                strangers < self.strangers
                if who is None
                else self.under_way[who] < self.each and self.under_way.total() - strangers < self.members
            )
            self.under_way += Counter({who: free})  # those at zero are let go
            return free


class BogotaTime:
    """Pages show every instant on the country's clock; what is stored stays in UTC."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with timezone.override(BOGOTA):
            return self.get_response(request)


LAYERS: Final[tuple[Callable[[Answer], Any], ...]] = (
    WhiteNoiseMiddleware,
    SessionMiddleware,
    LocaleMiddleware,
    CommonMiddleware,
    CsrfViewMiddleware,
    AuthenticationMiddleware,
    FewForms,  # nothing has read the form yet: the guard does, before the view
    MessageMiddleware,
    BogotaTime,
)


class ForPages:
    """The layers of a page, the outermost first, which the paths of programs go past.

    Programs read Spanish, whatever this thread's last page was in. They send no cookies and sign every call: Django's
    guard of forms against other sites is for pages alone.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.guard = CsrfViewMiddleware(get_response)
        self.page: Answer = reduce(_within, reversed(LAYERS), get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(PROGRAM_PATHS):
            return self.page(request)
        request.get_host()  # refuses a host that is not ours
        translation.activate(settings.LANGUAGE_CODE)
        response = self.get_response(request)
        if not response.streaming and "Content-Length" not in response.headers:
            response.headers["Content-Length"] = str(len(response.content))  # type: ignore[attr-defined]
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.path_info.startswith(PROGRAM_PATHS):
            return None
        refusal: HttpResponseBase | None = self.guard.process_view(request, view, args, kwargs)
        return refusal


def _within(inner: Answer, layer: Callable[[Answer], Any]) -> Answer:
    outer: Any = convert_exception_to_response(layer(inner))
    return cast(Answer, outer)
