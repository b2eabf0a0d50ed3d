"""What for a person's data may be looked at."""

from django.utils.translation import gettext_lazy as _

PURPOSES = (
    ("oversight", _("Fiscalización")),
    ("procedure", _("Trámite de la persona")),
    ("court_order", _("Orden judicial o administrativa")),
    ("audit", _("Auditoría o control")),
    ("support", _("Soporte a la persona")),
)
PURPOSE_LABELS = dict(PURPOSES)
