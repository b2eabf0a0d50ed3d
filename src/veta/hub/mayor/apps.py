from django.apps import AppConfig


class MayorConfig(AppConfig):
    name = "veta.hub.mayor"
    label = "mayor"
    default_auto_field = "django.db.models.BigAutoField"
