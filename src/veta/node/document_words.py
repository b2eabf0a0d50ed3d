"""The hub's documents over lots, in words."""

from typing import Final

from django.utils.translation import gettext_lazy

from veta.certificates.domain.kinds import FORMS

KINDS: Final = {
    "origin_certificate": gettext_lazy("Certificado de origen"),
    "support_document": gettext_lazy("Documento soporte de compra a no obligado a facturar"),
    "production_declaration": gettext_lazy("Declaración de producción"),
    "quota_certificate": gettext_lazy("Constancia de compra dentro de cupo"),
}
assert KINDS.keys() == FORMS.keys(), "each document of the hub has its words"
