from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    name = "veta.operators"
    label = "operators"
    default_auto_field = "django.db.models.BigAutoField"
