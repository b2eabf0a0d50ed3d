"""The mail with which a new person sets the password: the same single-use link as a forgotten one."""

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.utils import user_pk_to_url_str

from veta.site.models import User


def invitation_link(user: User) -> str:
    """A link that works once, until the password is set or Django's PASSWORD_RESET_TIMEOUT passes."""
    token = app_settings.PASSWORD_RESET_TOKEN_GENERATOR().make_token(user)
    link: str = get_adapter().get_reset_password_from_key_url(f"{user_pk_to_url_str(user)}-{token}")
    return link


def send_invitation(user: User) -> None:
    """Mail the person the link with which the account begins."""
    context = {"user": user, "password_reset_url": invitation_link(user)}
    get_adapter().send_mail("site/email/invitation", user.email, context)
