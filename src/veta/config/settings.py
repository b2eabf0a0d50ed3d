"""Django settings of the hub; what differs between machines comes from the environment. The node's begin with these."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from veta.config.database import database_settings
from veta.config.postgres.place import home_of
from veta.storage.key_file import made_once

VETA_HOME = home_of()
DEBUG = False
SECRET_KEY = (
    os.environ.get("VETA_SECRET_KEY")
    or made_once(VETA_HOME / "keys" / "django", lambda: secrets.token_hex(32).encode()).decode()
)
PUBLIC_ORIGIN = os.environ.get("VETA_PUBLIC_ORIGIN", "http://127.0.0.1:8600")
ALLOWED_HOSTS = os.environ.get("VETA_ALLOWED_HOSTS", f"127.0.0.1,localhost,{urlsplit(PUBLIC_ORIGIN).hostname}").split(
    ","
)
# Where the supervisor's committer of small requests listens; where there is none, each process decides its own.
SHARED_COMMITTER = Path(os.environ["VETA_COMMITTER"]) if "VETA_COMMITTER" in os.environ else None

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "procrastinate.contrib.django",
    "veta.registry",
    "veta.operators",
    "veta.prices",
    "veta.ledger",
    "veta.transparency",
    "veta.movements",
    "veta.royalties",
    "veta.bonds",
    "veta.certificates",
    "veta.calls",
    "veta.oversight",
    "veta.site",
    "veta.hub",
    "veta.hub.miner",
    "veta.hub.mayor",
    # After ours, so that our templates take the place of theirs.
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "veta.site.middleware.SecurityHeaders",
    "veta.site.for_pages.ForPages",
    "allauth.account.middleware.AccountMiddleware",
    # Last, so that nothing stands between the table and the view.
    "veta.site.middleware.PermissionTable",
]
ROOT_URLCONF = "veta.config.urls"
# Its permissions, roles and navigation.
DEPLOYMENT = "veta.site.authority.AUTHORITY"
WSGI_APPLICATION = "veta.config.wsgi.application"
# What a request meets before Django's own way in.
DOORS = ["veta.hub.api.door.Door"]
DATABASES = {"default": database_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Cookies are as strict as the public origin allows: plain HTTP is for the loopback demo.
_secure = PUBLIC_ORIGIN.startswith("https://")
_host_only = "__Host-" if _secure else ""
SESSION_COOKIE_NAME = f"{_host_only}veta_session"
SESSION_COOKIE_SECURE = _secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_NAME = f"{_host_only}veta_csrf"
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_HTTPONLY = True
CSRF_TRUSTED_ORIGINS = [PUBLIC_ORIGIN]
CSRF_FAILURE_VIEW = "veta.site.errors.stale_form"
LANGUAGE_COOKIE_SECURE = _secure
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
# The strict parser has the last word on a body (4 MiB); Django's own limit lies just above it.
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20

# A form takes ten files at most and says so of a few more; together they are no larger than one document of a dossier.
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = [
    "veta.site.uploads.Quota",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Beside the public internet, where operators may be told: the networks of a pilot of one's own, and who signs there.
WEBHOOK_NETWORKS = [text for text in os.environ.get("VETA_WEBHOOK_NETWORKS", "").split(",") if text]
WEBHOOK_CA = os.environ.get("VETA_WEBHOOK_CA", "")

# Accounts are made by an administrator; people sign in by e-mail and password, or by a key alone (ADR 0051).
AUTH_USER_MODEL = "veta_site.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
_validation = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_validation}.UserAttributeSimilarityValidator", "OPTIONS": {"user_attributes": ("email", "name")}},
    {"NAME": f"{_validation}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_validation}.CommonPasswordValidator"},
    {"NAME": f"{_validation}.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "mfa_index"
ACCOUNT_ADAPTER = "veta.site.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Veta] "
ACCOUNT_SESSION_REMEMBER = False
_forms = "veta.site.account_forms"
ACCOUNT_FORMS = {
    "login": f"{_forms}.LoginForm",
    "reset_password": f"{_forms}.ResetPasswordForm",
    "reset_password_from_key": f"{_forms}.ResetPasswordKeyForm",
    "change_password": f"{_forms}.ChangePasswordForm",
    "set_password": f"{_forms}.SetPasswordForm",
    "reauthenticate": f"{_forms}.ReauthenticateForm",
}
MFA_FORMS = {
    "authenticate": f"{_forms}.AuthenticateForm",
    "reauthenticate": f"{_forms}.ReauthenticateCodeForm",
    "activate_totp": f"{_forms}.ActivateTOTPForm",
    "add_webauthn": f"{_forms}.AddWebAuthnForm",
    "edit_webauthn": f"{_forms}.EditWebAuthnForm",
}
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
MFA_ADAPTER = "veta.site.adapters.MfaAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
# The password was set by a link sent to the address, so the address is the person's.
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_USER_VERIFICATION = "required"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _secure
# One step of 30 s either way, for telephones whose clock is off; a code works once.
MFA_TOTP_TOLERANCE = 1
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("VETA_TRUSTED_PROXIES", "0"))
# Rate limits and used codes are counted across every process of the hub. Past so many rows Django drops some that still
# count: its own 300 are what a few addresses fill.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "veta_site_cache",
        "OPTIONS": {"MAX_ENTRIES": 10_000},
    }
}  # fmt: skip
EMAIL_BACKEND = os.environ.get("VETA_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("VETA_EMAIL_FROM", f"Veta <no-responder@{urlsplit(PUBLIC_ORIGIN).hostname}>")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
FORM_RENDERER = "veta.site.forms.Renderer"
STATIC_URL = "/static/"
STATIC_ROOT = VETA_HOME / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "veta.site.assets.AssetStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

LANGUAGE_CODE = "es-co"
LANGUAGES = [("es-co", "Español"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parents[1] / "locale"]
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
