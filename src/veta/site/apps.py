from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "veta.site"
    label = "veta_site"
    default_auto_field = "django.db.models.BigAutoField"
