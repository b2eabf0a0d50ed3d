"""allauth's forms in our words: labels and helps of ours, no placeholders, which vanish as one types."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.utils.translation import gettext_lazy as _

PASSWORD_RULES = _("Doce caracteres o más; ni muy común, ni solo números, ni parecida a su nombre o su correo.")

WORDS: dict[str, tuple[Any, Any]] = {
    "login": (_("Correo"), ""),
    "email": (_("Correo"), ""),
    "password": (_("Contraseña"), ""),
    "oldpassword": (_("Contraseña actual"), ""),
    "password1": (_("Contraseña nueva"), PASSWORD_RULES),
    "password2": (_("Repita la contraseña nueva"), ""),
    "code": (_("Código"), ""),
    "name": (_("Nombre de la llave"), ""),
    "passwordless": (
        _("Usarla para ingresar sin contraseña"),
        _("La llave pide su huella, su rostro o su PIN, que ya son el segundo factor."),
    ),
}


class InOurWords(forms.Form):
    """Puts our label and help on each field, whichever form of allauth's it comes from."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in WORDS:
                field.label, field.help_text = WORDS[name]
        if "code" in self.fields:
            self.fields["code"].widget.attrs |= {"autocapitalize": "off", "spellcheck": "false"}


def in_our_words(form: type[forms.Form]) -> type[forms.Form]:
    """The same form, with its fields relabelled."""
    return type(form.__name__, (InOurWords, form), {})


LoginForm = in_our_words(account.LoginForm)
ResetPasswordForm = in_our_words(account.ResetPasswordForm)
ResetPasswordKeyForm = in_our_words(account.ResetPasswordKeyForm)
ChangePasswordForm = in_our_words(account.ChangePasswordForm)
SetPasswordForm = in_our_words(account.SetPasswordForm)
ReauthenticateForm = in_our_words(account.ReauthenticateForm)
AuthenticateForm = in_our_words(mfa.AuthenticateForm)
ReauthenticateCodeForm = in_our_words(mfa.ReauthenticateForm)
ActivateTOTPForm = in_our_words(totp.ActivateTOTPForm)
AddWebAuthnForm = in_our_words(webauthn.AddWebAuthnForm)
EditWebAuthnForm = in_our_words(webauthn.EditWebAuthnForm)
