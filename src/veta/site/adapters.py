"""How allauth is bent to our rules: no public sign-up, mail to the account's address, secrets encrypted at rest."""

import base64
import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from veta.site.caller import caller_of
from veta.site.deployment import deployment
from veta.site.models import User
from veta.site.queries import SECOND_FACTORS, has_second_factor

FIRST_ENROLMENT_SECONDS = 600


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts: made by an administrator; a person with a second factor proves identity with it, not by password."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("La administración desactivó esta cuenta. Pídale que la reactive."),
        "enter_current_password": _("Escriba su contraseña actual, tal como la usa hoy."),
        "invalid_password_reset": _("Este enlace ya no sirve. Pida otro desde el ingreso."),
        "email_password_mismatch": _("El correo o la contraseña no coinciden con una cuenta. Revise ambos."),
        "incorrect_password": _("La contraseña no es correcta. Escríbala de nuevo."),
        "too_many_login_attempts": _("Demasiados intentos fallidos. Espere cinco minutos e intente de nuevo."),
        "rate_limited": _("Demasiados intentos. Espere cinco minutos e intente de nuevo."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a mail is built on the configured origin, never on what the request says its host is."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return f"{settings.PUBLIC_ORIGIN}{path.replace('UID-KEY', key)}"

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        super().send_notification_mail(template_prefix, user, context, email or user.email)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        if has_second_factor(user.pk):
            methods = [method for method in methods if method["id"] != "reauthenticate"]
        return methods

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """One rule with the permission table: a second factor proved in the last five minutes is enough.

        Who just signed in to enrol a first one is not asked for the same password twice.
        """
        request = context.request
        if has_second_factor(request.user.pk):
            return not caller_of(request).stepped_up
        records = get_authentication_records(request, request.user)
        return not records or time.time() - records[-1]["at"] >= FIRST_ENROLMENT_SECONDS


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors: their secrets encrypted under a key derived from the site's, named in plain Spanish."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _(
            "Es su único segundo factor y sus roles lo exigen. Agregue antes una llave de seguridad."
        ),
        "incorrect_code": _("El código no es correcto o ya se usó. Espere el siguiente y escríbalo."),
    }

    def get_totp_issuer(self) -> str:
        return "Veta"

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=SECOND_FACTORS)
        return others.exclude(pk=authenticator.pk).exists() or not deployment().guarded(authenticator.user_id)

    def generate_authenticator_name(self, user: User, type: str) -> str:
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return str(_("Llave %(number)s") % {"number": count + 1})

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Keys are bound to the public origin's domain; over plain HTTP (loopback) to the host that was asked."""
        origin = urlsplit(settings.PUBLIC_ORIGIN)
        asked = context.request.get_host().partition(":")[0]
        return {"id": str(origin.hostname) if origin.scheme == "https" else asked, "name": "Veta"}


def _cipher() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(str(key))) for key in keys])


def _derived(secret: str) -> bytes:
    derivation = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"veta second factor secrets v1")
    return base64.urlsafe_b64encode(derivation.derive(secret.encode()))
