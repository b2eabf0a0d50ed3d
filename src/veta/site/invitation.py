"""The mail with which a new person sets the password: the same single-use link as a forgotten one."""

from urllib.parse import urlsplit

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str
from allauth.core import context
from django.conf import settings
from django.http import HttpRequest

from veta.site.models import User


def invitation_link(user: User) -> str:
    """A link that works once, until the password is set or Django's PASSWORD_RESET_TIMEOUT passes."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    link: str = get_adapter().get_reset_password_from_key_url(f"{user_pk_to_url_str(user)}-{token}")
    return link


def send_invitation(user: User) -> None:
    """Mail the person the link with which the account begins; a worker may, who answers nobody's request."""
    said = {"user": user, "password_reset_url": invitation_link(user)}
    with context.request_context(context.request or _of_ours()):
        get_adapter().send_mail("site/email/invitation", user.email, said)


def _of_ours() -> HttpRequest:
    """What allauth reads the site's name from where nobody asked."""
    request = HttpRequest()
    request.META["HTTP_HOST"] = urlsplit(settings.PUBLIC_ORIGIN).netloc
    return request
