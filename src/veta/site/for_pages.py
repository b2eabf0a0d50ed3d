"""What pages need and programs do not: sessions, the reader's language, forms, messages.

A signed call has none of them, and they took a quarter of the time that it spends in Python. The permission table and
the security headers stand for every path; what is under `PROGRAM_PATHS` admits nobody by session (a test holds it).
"""

from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

from veta.site.errors import PROGRAM_PATHS, refuse

Answer = Callable[[HttpRequest], HttpResponseBase]


class ForPages:
    """Another middleware, left out of the paths of programs."""

    middleware: Callable[[Answer], Any]

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.wrapped = type(self).middleware(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(PROGRAM_PATHS):
            return self.get_response(request)
        response: HttpResponseBase = self.wrapped(request)
        return response


class FewForms(ForPages):
    """Lets few forms be under way at once in a process: one that arrives slowly holds its thread, and needs no account.

    Who finds no place is asked to come back; signed calls keep the other threads.
    """

    at_once = 8

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        self.places = BoundedSemaphore(self.at_once)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method in {"GET", "HEAD"} or request.path_info.startswith(PROGRAM_PATHS):
            return self.get_response(request)
        if not self.places.acquire(blocking=False):
            response = refuse(request, 429)
            response["Retry-After"] = "10"
            return response
        try:
            return self.get_response(request)
        finally:
            self.places.release()


class Sessions(ForPages):
    middleware = SessionMiddleware


class People(ForPages):
    middleware = AuthenticationMiddleware


class Messages(ForPages):
    middleware = MessageMiddleware


class Languages(ForPages):
    """The reader's language on pages; programs read Spanish, whatever this thread's last page was in."""

    middleware = LocaleMiddleware

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(PROGRAM_PATHS):
            translation.activate(settings.LANGUAGE_CODE)
        return super().__call__(request)


class Forms(ForPages):
    """Django's guard of forms against other sites: programs send no cookies, and sign every call."""

    middleware = CsrfViewMiddleware

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        if request.path_info.startswith(PROGRAM_PATHS):
            return None
        refusal: HttpResponseBase | None = self.wrapped.process_view(request, view, args, kwargs)
        return refusal
