"""The public log as C2SP tlog-tiles serves it, with proofs for whoever has only a leaf. Nothing here needs an account.

Tiles and bundles never change, so anyone may keep copies of them for ever; the checkpoint is what moves.
"""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from veta.hub.api.problem import problem
from veta.hub.visitors import too_often
from veta.kernel.canonical_json import canonical
from veta.transparency import queries

FOR_EVER = "public, max-age=31536000, immutable"
MOMENT = "public, max-age=1"
ABSENT = "No hay un archivo del registro en esa dirección. Pida primero /log/checkpoint y use su tamaño."
NOT_YET = (
    "Esa hoja no está en el registro publicado. Si tiene su recibo, espere un minuto y pida otra vez; si sigue sin"
    " estar, el recibo prueba la falta: guárdelo y avise."
)
BAD_LEAF = "Envíe «leaf» con los 64 dígitos hexadecimales de la hoja, como está en el recibo."
BAD_SIZES = "Envíe «from» y «to», dos tamaños de árbol con from ≤ to, ninguno mayor que el del punto de control."
EMPTY = "El registro no ha publicado su primer punto de control. Espere unos segundos y pida otra vez."
AWAY = "Falta un archivo del registro y se está reponiendo. Espere un minuto y pida otra vez."

View = Callable[..., HttpResponse]


def limited(view: View) -> View:
    """What costs work is for each address as often as the public limit says."""

    @wraps(view)
    def answered(request: HttpRequest, **given: str) -> HttpResponse:
        try:
            return too_often(request) or view(request, **given)
        except LookupError:
            return problem(503, AWAY, retry_after=60)

    return answered


def checkpoint(request: HttpRequest) -> HttpResponse:
    """The signed note of the tree's head, with the cosignatures of the witnesses."""
    served = queries.checkpoint()
    if served is None:
        return problem(503, EMPTY, retry_after=2)
    return _text(served.note, cache=MOMENT)


def tile(request: HttpRequest, *, level: str, place: str) -> HttpResponse:
    """A tile of hashes, or a bundle of entries, whole or as wide as it once was."""
    data = queries.tile(level, place)
    if data is None:
        return problem(404, ABSENT)
    response = HttpResponse(data, content_type="application/octet-stream")
    response["Cache-Control"] = FOR_EVER
    return response


@limited
def proof(request: HttpRequest) -> HttpResponse:
    """The proof of a leaf in the checkpoint that is served, as C2SP tlog-proof."""
    given = request.GET.getlist("leaf")
    try:
        leaf = bytes.fromhex(given[0]) if len(given) == 1 and len(given[0]) == 64 else b""
    except ValueError:
        leaf = b""
    if len(leaf) != 32 or len(request.GET) != 1:
        return problem(422, BAD_LEAF)
    found = queries.proof(leaf)
    return _text(found.text, cache=MOMENT) if found is not None else problem(404, NOT_YET, retry_after=2)


@limited
def consistency(request: HttpRequest) -> HttpResponse:
    """The proof that the tree of one size continues that of another: hashes in hexadecimal, in their order."""
    sizes = [request.GET.getlist(name) for name in ("from", "to")]
    plain = all(len(size) == 1 and size[0].isascii() and size[0].isdigit() and len(size[0]) < 19 for size in sizes)
    if not plain or len(request.GET) != 2:
        return problem(422, BAD_SIZES)
    old, new = (int(size[0]) for size in sizes)
    path = queries.consistency_proof(old, new)
    if path is None:
        return problem(422, BAD_SIZES)
    body = {"from": old, "to": new, "proof": [node.hex() for node in path]}
    return HttpResponse(canonical(body), content_type="application/json")


def keys(request: HttpRequest) -> HttpResponse:
    """Every key that the log ever signed with, a vkey a line, oldest first."""
    return _text("".join(f"{vkey}\n" for vkey in queries.log_keys()), cache=MOMENT)


def _text(text: str, *, cache: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = cache
    return response
