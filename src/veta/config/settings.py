"""Django settings of both deployments; what differs between machines comes from the environment."""

import os
from pathlib import Path

from veta.config.database import database_settings

VETA_HOME = Path(os.environ.get("VETA_HOME", ".veta")).resolve()
DEBUG = False
SECRET_KEY = os.environ.get("VETA_SECRET_KEY", "")
ALLOWED_HOSTS = os.environ.get("VETA_ALLOWED_HOSTS", "127.0.0.1,localhost").split(",")
PUBLIC_ORIGIN = os.environ.get("VETA_PUBLIC_ORIGIN", "http://127.0.0.1:8600")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "veta.registry",
    "veta.operators",
    "veta.ledger",
    "veta.transparency",
    "veta.movements",
    "veta.site",
    "veta.hub",
]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "veta.config.urls"
WSGI_APPLICATION = "veta.config.wsgi.application"
DATABASES = {"default": database_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LANGUAGE_CODE = "es-co"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
