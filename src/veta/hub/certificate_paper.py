"""The paper of a certificate: PDF/A-3 and PDF/UA, tagged, with its QR, and its signed words attached."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

import orjson
import segno

from veta.certificates.domain.credential import page_of
from veta.certificates.domain.kinds import FORMS, STATE_EN, STATE_ES
from veta.certificates.domain.origins import by_place_and_class, shares
from veta.certificates.queries import CertificateView
from veta.certificates.services.written import place_name
from veta.hub.certificate_words import ACCREDITATION, MADE_BY, ORIGIN, QUOTA, said
from veta.hub.paper import Standard, paper
from veta.hub.templatetags.figures import figure, long_day
from veta.norms.catalogue import catalogue

STANDARDS: tuple[Standard, ...] = ("a-3a", "ua-1")
ROWS = 60
DEMO = "DEMO"
QUOTAS_NOTE = (
    "De un minero de subsistencia no es público cuánto lleva vendido: antes y después caben en lo autorizado. "
    "Lo tienen los operadores de las partes."
)


def qr_svg(code: str) -> str:
    """The QR as SVG: level M, the smallest version that holds it (15 at most), its quiet zone of four modules."""
    out = io.BytesIO()
    made = segno.make_qr(code, error="m", mode="alphanumeric", boost_error=False)
    assert int(made.version) <= 15, made.version
    made.save(out, kind="svg", border=4, xmldecl=False, light="#fff")
    return out.getvalue().decode()


def certificate_paper(found: CertificateView, *, site: str, proof: str | None) -> bytes:
    """The PDF in Spanish of a sealed certificate. `proof`: its inclusion in the log (tlog-proof), where it has one."""
    assert found.code is not None and found.credential_bytes is not None, "it is sealed"
    document, form = found.document, FORMS[found.kind]
    return paper("certificate.typ", {
        **_sheet(found, proof, english=False), "heading": f"{form.es} {found.number_text}",
        "foot": f"{form.norm}. Forma de plantilla: el formato oficial no se leyó (secondary). No tiene vencimiento.",
        "warning": _warning(found), "facts": _facts(found, document), "qr": qr_svg(found.code),
        "qr_alt": f"Código QR firmado del documento {found.number_text}", "qr_note": "Se comprueba sin red",
        "origins_title": "Orígenes", "origins_head": ["Clase", "Título o área", "Municipio", "Titular", "Parte"],
        "sources_title": "Certificados de origen anexos", "sources_head": ["Documento", "Clase", "Quién lo expidió"],
        "places": [], "places_title": "", "places_head": [], "check_title": "Para comprobar este papel",
        "check": (
            f"Lea el código en {site}/verificar/, que sirve sin señal, o abra {page_of(site, found.token)}. Con este "
            "archivo: veta certificates verify. Sin red se comprueba que es auténtico; si se usó o se retiró, con red."
        ),
        "signatures": _signatures(found), "quotas": quotas_text(document), "quotas_title": "Cupo",
        "quotas_head": ["Cupo", "Periodo", "Autorizado", "Antes", "Compra", "Después"], "quotas_note": QUOTAS_NOTE,
    }, standards=STANDARDS)  # fmt: skip


def refiner_paper(found: CertificateView, *, site: str, proof: str | None) -> bytes:
    """The PDF in English for a foreign refiner: every municipality and class of producer, with its share."""
    assert found.code is not None, "it is sealed"
    form = FORMS[found.kind]
    return paper("certificate.typ", {
        **_sheet(found, proof, english=True), "heading": f"Origins of {form.en.lower()} {found.number_text}",
        "foot": "Shares are exact parts of the certified quantity, rounded to a tenth of a per cent for display.",
        "warning": _warning(found, english=True), "facts": english_facts(found), "qr": qr_svg(found.code),
        "qr_alt": f"Signed QR code of {found.number_text}", "qr_note": "Verifiable offline",
        "origins_title": "Origins", "origins_head": ["Class", "Title or area", "Municipality", "Holder", "Share"],
        "sources_title": "Annexed certificates", "sources_head": ["Document", "Class", "Issuer"],
        "places": [[row["municipality_name"], row["producer_class_name"], f"{row['percent']} %"] for row in
                   places_of(found)],
        "places_title": "By municipality and class of producer",
        "places_head": ["Municipality", "Class of producer", "Share"], "check_title": "To verify this document",
        "check": f"Scan the code at {site}/verificar/ (works offline) or open {page_of(site, found.token)}.",
        "signatures": [], "quotas": [], "quotas_title": "", "quotas_head": [], "quotas_note": "",
    }, standards=STANDARDS)  # fmt: skip


def places_of(found: CertificateView) -> list[dict[str, Any]]:
    """Every municipality and class of producer of what a certificate covers, with exact and shown share."""
    rows = by_place_and_class(found.document["origins"])
    total = sum(weight for _, _, weight in rows)
    parts = shares([weight for _, _, weight in rows])
    return [
        {
            "municipality": place, "municipality_name": place_name(place) if place else "",
            "producer_class": kind, "producer_class_name": said(ORIGIN, kind, english=True), "weight": str(weight),
            "total": str(total), "percent": _percent(part),
        }
        for (place, kind, weight), part in zip(rows, parts, strict=True)
    ]  # fmt: skip


def _percent(part: int) -> str:
    return f"{part // 10}.{part % 10}"


def _sheet(found: CertificateView, proof: str | None, *, english: bool) -> dict[str, Any]:
    document = found.document
    rows = document["origins"]
    parts = shares([int(row["weight"]) for row in rows])
    more = len(rows) - ROWS
    attached = [
        (
            "credential.json",
            found.credential_bytes,
            "application/json",
            "W3C Verifiable Credential 2.0, eddsa-jcs-2022",
        ),
        ("code.txt", (found.code or "").encode(), "text/plain", "QR: COSE_Sign1, base45"),
        ("log.json", log_words(found, proof), "application/json", "Leaf of the public log and its proof"),
    ]
    return {
        "date": [found.issued_at.year, found.issued_at.month, found.issued_at.day],
        "lang": "en" if english else "es", "region": "us" if english else "co",
        "attachments": [
            {"name": name, "content": bytes(content or b"").decode(), "mime": mime, "description": description}
            for name, content, mime, description in attached
        ],
        "origins": [_origin(row, part, english=english) for row, part in zip(rows[:ROWS], parts, strict=False)],
        "origins_more": None if more <= 0 else (
            f"{more} more rows in the attached credential." if english
            else f"{more} filas más en la credencial adjunta."
        ),
        "sources": [
            [s["number"], getattr(FORMS[s["kind"]], "en" if english else "es"), s["issuer"] or ""]
            for s in document["sources"]
        ],
    }  # fmt: skip


def log_words(found: CertificateView, proof: str | None) -> bytes:
    """What ties the certificate to its leaf, and the proof of it where the log has published it."""
    from base64 import b64encode

    return orjson.dumps({
        "salt": found.salt.hex(), "item": found.item.decode(), "verdict": found.document_bytes.decode(),
        "request_digest": b64encode(found.body_digest).decode(), "signature": b64encode(found.signature).decode(),
        "proof": proof,
    })  # fmt: skip


def _origin(row: Mapping[str, Any], part: int, *, english: bool) -> list[str]:
    place = place_name(row["municipality"]) if row["municipality"] else ""
    percent = _percent(part) if english else _percent(part).replace(".", ",")
    return [
        said(ORIGIN, row["kind"], english=english),
        row["code"] or "",
        place,
        "; ".join(row["holders"]),
        f"{percent} %",
    ]


def _facts(found: CertificateView, document: Mapping[str, Any]) -> list[list[str]]:
    unit = document["unit"]
    facts = [
        ["Estado al imprimir", STATE_ES[found.state]],
        ["Expedido", long_day(found.issued_at.date())],
        ["Quién lo expide", party_text(document["issuer"])],
        ["Vendedor", party_text(document["seller"])] if document.get("seller") else None,
        ["Comprador", party_text(document["buyer"])] if document["buyer"] else None,
        ["RUCOM del comprador", rucom_text(document)] if document["buyer_rucom"] else None,
        ["Mineral", mineral_text(document["mineral"], english=False)],
        ["Cantidad fina" if document["fine"] else "Cantidad", f"{figure(document['quantity'])} {unit}"],
        ["En letras", document["in_words"]],
        ["Cantidad bruta", f"{figure(document['gross'])} {unit}"] if document["gross"] else None,
        ["Ley", f"{figure(document['fineness'])} ‰"] if document["fineness"] else None,
        ["Título", document["title"]] if document["title"] else None,
        [said(MADE_BY, document["made_by"], english=False), long_day(document["made_on"])],
        ["Vendido el", long_day(document["sold_on"])] if document["sold_on"] and not _bought(document) else None,
        ["Municipio", f"{document['municipality_name']}, {document['department']}"]
        if document["municipality"]
        else None,
        ["Origen", said(ACCREDITATION, document["accreditation"], english=False)],
        ["Operador", document["operator"]["name"]],
        ["Código para citar", found.token],
    ]
    return [fact for fact in facts if fact is not None]


def _bought(document: Mapping[str, Any]) -> bool:
    """Whether what made the lot was a sale already, so that its day is told."""
    return document["made_by"] in ("sale", "subsistence_purchase")


def english_facts(found: CertificateView) -> list[list[str]]:
    """The facts of a certificate in English, for the refiner's page and paper."""
    document = found.document
    facts = [
        ["Status when made", STATE_EN[found.state]],
        ["Issued", found.issued_at.date().isoformat()],
        ["Issuer", party_text(document["issuer"], english=True)],
        ["Mineral", mineral_text(document["mineral"], english=True)],
        ["Fine quantity" if document["fine"] else "Quantity", f"{document['quantity']} {document['unit']}"],
        ["Fineness", f"{document['fineness']} ‰"] if document["fineness"] else None,
        [said(MADE_BY, document["made_by"], english=True), document["made_on"]],
        ["Accreditation", said(ACCREDITATION, document["accreditation"], english=True)],
        ["Operator", document["operator"]["name"]],
        ["Code to cite", found.token],
    ]
    return [fact for fact in facts if fact is not None]


def party_text(party: Mapping[str, Any], *, english: bool = False) -> str:
    """A firm with its NIT; a natural person without a name."""
    if party["kind"] != "firm":
        return "Natural person (not public)" if english else "Persona natural (no es público)"
    nit = f", NIT {party['nit']}" if party["nit"] else ""
    return f"{party['name']}{nit}"


def quotas_text(document: Mapping[str, Any], *, english: bool = False) -> list[list[str]]:
    """The rows of a *constancia*'s quotas: what and when, authorised, before, bought, after; «—» where not public."""
    rows = []
    for quota in document.get("quotas", ()):
        amounts = (quota[name] for name in ("limit", "before", "bought", "after"))
        shown = ["—" if amount is None else f"{figure(amount)} {quota['unit']}" for amount in amounts]
        period = f"{quota['start']} {'to' if english else 'a'} {quota['end']}"
        rows.append([said(QUOTA, quota["basis"], english=english), period, *shown])
    return rows


def rucom_text(document: Mapping[str, Any], *, english: bool = False) -> str:
    """The buyer's RUCOM number; marked where the registry does not hold it."""
    if document.get("buyer_rucom_known") == "registry":
        return str(document["buyer_rucom"])
    return f"{document['buyer_rucom']} ({'not verified' if english else 'sin verificar'})"


def mineral_text(code: str, *, english: bool) -> str:
    """A mineral by its name in either language."""
    known = catalogue().mineral(code)
    return code if known is None else known.name_en if english else known.name


def _warning(found: CertificateView, *, english: bool = False) -> str | None:
    if found.ending is not None:
        state = (STATE_EN if english else STATE_ES)[found.state]
        return f"{state}: {found.reason}"
    if DEMO in party_text(found.document["issuer"]) or DEMO in found.document["operator"]["code"]:
        return "Demonstration: fictitious parties." if english else "Demostración: las partes son ficticias."
    return None


def _signatures(found: CertificateView) -> list[str]:
    if found.kind == "production_declaration":
        return ["Nombre del minero:", "Documento:", "Firma:"]
    return ["Firma de quien expide:", "Documento:"]
