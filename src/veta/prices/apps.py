from django.apps import AppConfig


class PricesConfig(AppConfig):
    name = "veta.prices"
    label = "prices"
    default_auto_field = "django.db.models.BigAutoField"
