"""The roles of the authority and of those who watch it: what a person is to this system, granted by two persons."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """What a person may be granted; a person can hold several. What each may do is `permissions.PERMISSIONS`."""

    OVERSIGHT = "oversight"
    ROYALTIES = "royalties"
    SIGNER = "signer"
    IT = "it"
    LEGAL = "legal"
    COMMUNICATIONS = "communications"
    REGISTRY = "registry"
    MAYOR = "mayor"
    INSURER = "insurer"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


READ_ONLY = frozenset({Role.INSURER, Role.AUDITOR})

LABELS: dict[Role, Promise] = {
    Role.OVERSIGHT: _("Fiscalización"),
    Role.ROYALTIES: _("Regalías"),
    Role.SIGNER: _("Firma de actos"),
    Role.IT: _("Tecnología"),
    Role.LEGAL: _("Jurídica"),
    Role.COMMUNICATIONS: _("Comunicaciones"),
    Role.REGISTRY: _("Registro"),
    Role.MAYOR: _("Alcaldía"),
    Role.INSURER: _("Aseguradora (solo consulta)"),
    Role.AUDITOR: _("Auditoría (solo consulta)"),
    Role.ADMINISTRATOR: _("Administración"),
}
