"""The site's endpoints: sign-in, one's own account, administration. Every name has a row in `permissions.py`.

allauth's views are listed one by one under Spanish paths: what is not listed (sign-up, e-mail changes, sign-in by code)
does not exist here.
"""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.urls import URLPattern, path, re_path
from django.views.i18n import set_language

from veta.site import pages, purpose

SIGN_IN = [
    path("ingreso/", account.login, name="account_login"),
    path("ingreso/segundo-factor/", mfa.authenticate, name="mfa_authenticate"),
    path("ingreso/llave/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("ingreso/inactiva/", account.account_inactive, name="account_inactive"),
    path("salida/", account.logout, name="account_logout"),
    path("contrasena/olvido/", account.password_reset, name="account_reset_password"),
    path("contrasena/olvido/enviado/", account.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^contrasena/nueva/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "contrasena/guardada/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]

OWN_ACCOUNT = [
    path("cuenta/", mfa.index, name="mfa_index"),
    path("cuenta/contrasena/", account.password_change, name="account_change_password"),
    path("cuenta/contrasena/fijar/", account.password_set, name="account_set_password"),
    path("cuenta/confirmar/contrasena/", account.reauthenticate, name="account_reauthenticate"),
    path("cuenta/confirmar/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("cuenta/confirmar/llave/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("cuenta/aplicacion/activar/", totp.activate_totp, name="mfa_activate_totp"),
    path("cuenta/aplicacion/desactivar/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("cuenta/llaves/", webauthn.list_webauthn, name="mfa_list_webauthn"),
    path("cuenta/llaves/agregar/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("cuenta/llaves/<int:pk>/nombre/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("cuenta/llaves/<int:pk>/retirar/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("cuenta/codigos/", recovery.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("cuenta/codigos/generar/", recovery.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("cuenta/codigos/descargar/", recovery.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("finalidad/<uuid:subject>/", purpose.ask, name="access_purpose"),
]

ADMINISTRATION = [
    path("administracion/personas/", pages.people, name="people"),
    path("administracion/personas/nueva/", pages.invite, name="person_invite"),
    path("administracion/personas/<uuid:user>/", pages.person, name="person"),
    path("administracion/personas/<uuid:user>/invitacion/", pages.invite_again, name="person_invite_again"),
    path("administracion/personas/<uuid:user>/estado/", pages.state, name="person_state"),
    path("administracion/personas/<uuid:user>/rol/", pages.propose, name="role_propose"),
    path("administracion/roles/", pages.role_queue, name="role_queue"),
    path("administracion/roles/<uuid:proposal>/", pages.decide, name="role_decide"),
    path("administracion/roles/<uuid:proposal>/retirar/", pages.revoke, name="role_revoke"),
]

urlpatterns: list[URLPattern] = [
    *SIGN_IN,
    *OWN_ACCOUNT,
    *ADMINISTRATION,
    path("idioma/", set_language, name="set_language"),
]
