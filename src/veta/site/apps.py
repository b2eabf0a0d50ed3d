from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "veta.site"
    label = "veta_site"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers that remember in the session when a second factor was proved."""
        from veta.site import caller  # noqa: F401
