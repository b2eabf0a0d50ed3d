"""One fictitious person for each role of the authority, with a password, and second-factor codes for one use each."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.db import transaction

from veta.site.models import User
from veta.site.roles import LABELS, Role
from veta.site.services import create_account, decide_role, found_administrators, propose_role
from veta.storage.key_file import made_once

SHOWN = 2
FOUNDERS = (("administra.1@demo.invalid", "Administración Uno (ficticia)"),
            ("administra.2@demo.invalid", "Administración Dos (ficticia)"))  # fmt: skip
# Prices are entered by one and approved by another of the same role, and so is each verdict of the call: two of these.
PEOPLE: tuple[tuple[Role, str, str], ...] = (
    (Role.OVERSIGHT, "fiscaliza@demo.invalid", "Fiscalización Demo (ficticia)"),
    (Role.ROYALTIES, "regalias.1@demo.invalid", "Regalías Uno (ficticia)"),
    (Role.ROYALTIES, "regalias.2@demo.invalid", "Regalías Dos (ficticia)"),
    (Role.SIGNER, "firma@demo.invalid", "Firma Demo (ficticia)"),
    (Role.IT, "tecnologia@demo.invalid", "Tecnología Demo (ficticia)"),
    (Role.IT, "tecnologia.2@demo.invalid", "Tecnología Dos (ficticia)"),
    (Role.LEGAL, "juridica@demo.invalid", "Jurídica Demo (ficticia)"),
    (Role.LEGAL, "juridica.2@demo.invalid", "Jurídica Dos (ficticia)"),
    (Role.COMMUNICATIONS, "prensa@demo.invalid", "Comunicaciones Demo (ficticia)"),
    (Role.REGISTRY, "registro@demo.invalid", "Registro Demo (ficticio)"),
    (Role.MAYOR, "alcaldia@demo.invalid", "Alcaldía Demo (ficticia)"),
    (Role.INSURER, "aseguradora@demo.invalid", "Aseguradora Demo (ficticia)"),
    (Role.AUDITOR, "auditoria@demo.invalid", "Auditoría Demo (ficticia)"),
)


# Who applies in the call for operators: an account without any role.
APPLICANT = "solicitante@demo.invalid"


@dataclass(frozen=True, slots=True)
class DemoOfficer:
    """Who may sign in, as what, and codes not used yet."""

    role: str
    email: str
    codes: tuple[str, ...]


def demo_password(home: Path) -> str:
    """The one password of this home's fictitious people. Effects: makes VETA_HOME/demo/password, 0600, once."""
    return made_once(home / "demo" / "password", lambda: secrets.token_urlsafe(12).encode()).decode()


@transaction.atomic
def ready_officers(home: Path) -> list[DemoOfficer]:
    """The people of this database, made now if they are not there; a home's password opens every one of them.

    Whoever has no code left gets new ones. A database that has other administrators gets no people: none would be asked
    for by them.
    """
    known = {user.email: user for user in User.objects.filter(email__in=[email for email, _ in FOUNDERS])}
    if not known and User.objects.exists():
        return []
    password = demo_password(home)
    if not known:
        known = {user.email: user for user in found_administrators(*FOUNDERS)}
        for user in known.values():
            open_account(user, password)
    founders = [known[email] for email, _ in FOUNDERS]
    shown = [DemoOfficer(str(LABELS[Role.ADMINISTRATOR]), each.email, codes_of(each)) for each in founders]
    return shown + [_officer(*person, founders, password) for person in PEOPLE]


@transaction.atomic
def ready_applicant(home: Path) -> DemoOfficer:
    """The account of a firm that applies in the call, made now if it is not there; it holds no role."""
    user = User.objects.filter(email=APPLICANT).first()
    if user is None:
        user = create_account(email=APPLICANT, name="Solicitante Demo (ficticia)", created_by=None)
        open_account(user, demo_password(home))
    return DemoOfficer("Solicitante", APPLICANT, codes_of(user))


def _officer(role: Role, email: str, name: str, founders: list[User], password: str) -> DemoOfficer:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = create_account(email=email, name=name, created_by=founders[0])
        asked = propose_role(user=user, role=role, reason="Demostración", proposed_by=founders[0])
        decide_role(asked.id, granted=True, reason="Demostración", decided_by=founders[1])
        open_account(user, password)
    return DemoOfficer(str(LABELS[role]), email, codes_of(user))


def open_account(user: User, password: str) -> None:
    """Give an account its password and a second factor."""
    user.set_password(password)
    user.save(update_fields=["password"])
    TOTP.activate(user, generate_totp_secret())


def codes_of(user: User) -> tuple[str, ...]:
    """Codes not used yet; who has none left gets new ones."""
    found = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    unused = found.wrap().get_unused_codes() if found else []
    if not unused:
        if found:
            found.delete()
        unused = RecoveryCodes.activate(user).get_unused_codes()
    return tuple(unused[:SHOWN])
