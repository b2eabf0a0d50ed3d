from django.apps import AppConfig


class MovementsConfig(AppConfig):
    name = "veta.movements"
    label = "movements"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Add the movements' own checks to the ledger's audit."""
        from veta.ledger.domain.check import register
        from veta.movements.audit import CHECKS

        for check in CHECKS:
            register(check)
