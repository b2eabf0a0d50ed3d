"""The hub's open pages: what it is, whether it lives, and what it states about itself."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render


def home(request: HttpRequest) -> HttpResponse:
    return render(request, "hub/home.html")


def health(request: HttpRequest) -> JsonResponse:
    """200 where this process answers and reaches the database, else 503; says nothing more to a stranger."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        response = JsonResponse({"status": "unavailable"}, status=503)
        response["Retry-After"] = "5"
    else:
        response = JsonResponse({"status": "ok"})
    response["Cache-Control"] = "no-store"
    return response


def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "hub/accessibility.html")


def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "hub/legal.html")
