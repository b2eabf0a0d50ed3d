from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "veta.certificates"
    label = "certificates"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let the group of movements lock and use the certificates that an export cites, and withdraw those of what is
        reversed; add the audit's checks."""
        from veta.certificates.audit import CHECKS
        from veta.certificates.services.presented import Certificates
        from veta.ledger.domain.check import register
        from veta.movements.domain.papers import present_through

        present_through(Certificates())
        for check in CHECKS:
            register(check)
