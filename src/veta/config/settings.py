"""Django settings of both deployments; what differs between machines comes from the environment."""

import os
from urllib.parse import urlsplit

from veta.config.database import database_settings
from veta.config.postgres.server import home_of
from veta.config.secrets import secret_of

VETA_HOME = home_of()
DEBUG = False
SECRET_KEY = os.environ.get("VETA_SECRET_KEY") or secret_of(VETA_HOME, "django")
PUBLIC_ORIGIN = os.environ.get("VETA_PUBLIC_ORIGIN", "http://127.0.0.1:8600")
ALLOWED_HOSTS = os.environ.get("VETA_ALLOWED_HOSTS", f"127.0.0.1,localhost,{urlsplit(PUBLIC_ORIGIN).hostname}").split(
    ","
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "veta.registry",
    "veta.operators",
    "veta.ledger",
    "veta.transparency",
    "veta.movements",
    "veta.site",
    "veta.hub",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "veta.config.urls"
WSGI_APPLICATION = "veta.config.wsgi.application"
DATABASES = {"default": database_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cookies and redirects are as strict as the public origin allows: plain HTTP is for the loopback demo.
_secure = PUBLIC_ORIGIN.startswith("https://")
SESSION_COOKIE_SECURE = _secure
CSRF_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The strict parser has the last word on a body (4 MiB); Django's own limit lies just above it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20

LANGUAGE_CODE = "es-co"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("VETA_LOG_LEVEL", "WARNING")},
}
