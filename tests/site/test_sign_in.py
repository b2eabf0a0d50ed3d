"""How people come in: password and second factor, limits, sessions, links; and what does not exist."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.test import Client
from django.urls import NoReverseMatch, reverse

from tests.site.conftest import PASSWORD, MakePerson, enrol, session_of
from veta.site.invitation import invitation_link
from veta.site.models import User
from veta.site.roles import Role

pytestmark = pytest.mark.django_db


def code_of(secret: str, *, steps_ahead: int = 0) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps_ahead))


@pytest.fixture
def rosa(make_person: MakePerson) -> User:
    user = make_person("rosa", Role.AUDITOR, second_factor=False)
    user.set_password(PASSWORD)
    user.save()
    return user


def give_password(client: Client, email: str = "rosa@demo.invalid", password: str = PASSWORD):
    return client.post("/ingreso/", {"login": email, "password": password})


def test_password_and_code_let_in(client: Client, rosa: User) -> None:
    secret = enrol(rosa)
    assert give_password(client).headers["Location"] == "/ingreso/segundo-factor/"
    assert client.get("/cuenta/").headers["Location"].startswith("/ingreso/")
    entered = client.post("/ingreso/segundo-factor/", {"code": code_of(secret)})
    assert entered.headers["Location"] == "/cuenta/"
    assert client.get("/cuenta/contrasena/").status_code == 200


def test_a_code_works_once(client: Client, rosa: User) -> None:
    secret = enrol(rosa)
    code = code_of(secret)
    give_password(client)
    client.post("/ingreso/segundo-factor/", {"code": code})
    other = Client()
    give_password(other)
    assert "ya se usó" in other.post("/ingreso/segundo-factor/", {"code": code}).text


def test_without_second_factor_every_page_leads_to_enrolment(client: Client, rosa: User) -> None:
    assert give_password(client).headers["Location"] == "/cuenta/"
    assert client.get("/cuenta/contrasena/").headers["Location"] == "/cuenta/"
    page = client.get("/cuenta/").text
    assert "Falta su segundo factor" in page
    assert client.get("/cuenta/aplicacion/activar/").status_code == 200


def test_a_session_older_than_the_enrolment_has_to_sign_in_again(client: Client, rosa: User) -> None:
    give_password(client)
    enrol(rosa)
    assert client.get("/cuenta/contrasena/").headers["Location"].startswith("/ingreso/")


def test_the_secret_is_not_in_the_clear_in_the_database(rosa: User) -> None:
    secret = enrol(rosa)
    stored = Authenticator.objects.get(user=rosa, type=Authenticator.Type.TOTP).data
    assert secret not in str(stored)


def test_the_session_changes_its_name_on_sign_in(client: Client, rosa: User) -> None:
    session = client.session
    session["planted"] = "1"
    session.save()
    before = session.session_key
    client.cookies["veta_session"] = before
    give_password(client)
    assert client.session.session_key != before
    assert Client(headers={"cookie": f"veta_session={before}"}).get("/cuenta/").status_code == 302


def test_five_failures_stop_even_the_right_password(client: Client, rosa: User) -> None:
    for _ in range(5):
        assert "no coinciden" in give_password(client, password="otra cosa").text
    refused = give_password(client)
    assert refused.status_code == 200
    assert "Espere cinco minutos" in refused.text


def test_an_unknown_e_mail_answers_as_a_wrong_password(client: Client, rosa: User) -> None:
    wrong, unknown = give_password(client, password="otra"), give_password(client, email="nadie@demo.invalid")
    hide = re.compile(r'value="[^"]*"')
    assert hide.sub("", wrong.text) == hide.sub("", unknown.text)


def test_forgotten_passwords_tell_no_stranger_who_has_an_account(client: Client, rosa: User) -> None:
    for email in ("rosa@demo.invalid", "nadie@demo.invalid"):
        assert client.post("/contrasena/olvido/", {"email": email}).headers["Location"] == "/contrasena/olvido/enviado/"
    assert [message.to for message in mail.outbox] == [["rosa@demo.invalid"]]


def test_mail_links_to_the_public_origin_whatever_the_host_says(client: Client, rosa: User) -> None:
    client.post("/contrasena/olvido/", {"email": rosa.email}, headers={"host": "localhost"})
    assert "http://127.0.0.1:8600/contrasena/nueva/" in mail.outbox[0].body


def test_an_invitation_works_once(client: Client, make_person: MakePerson) -> None:
    user = make_person("nuevo", second_factor=False)
    path = invitation_link(user).removeprefix("http://127.0.0.1:8600")
    form = client.get(path).headers["Location"]
    done = client.post(form, {"password1": PASSWORD, "password2": PASSWORD})
    assert done.headers["Location"] == "/contrasena/guardada/"
    assert "ya no sirve" in Client().get(path).text
    assert give_password(client, "nuevo@demo.invalid").headers["Location"] == "/cuenta/"


@pytest.mark.parametrize(
    ("password", "said"),
    [("corta", "12 caracteres"), ("123456789012", "numérica"), ("nuevo@demo.invalid", "parecida a correo")],
)
def test_weak_passwords_are_refused(client: Client, make_person: MakePerson, password: str, said: str) -> None:
    path = invitation_link(make_person("nuevo", second_factor=False)).removeprefix("http://127.0.0.1:8600")
    form = client.get(path).headers["Location"]
    answer = client.post(form, {"password1": password, "password2": password})
    assert answer.status_code == 200
    assert said in answer.text


def test_a_sensitive_act_asks_for_the_second_factor_again(client: Client, make_person: MakePerson) -> None:
    eva = make_person("eva", Role.ADMINISTRATOR)
    target = f"/administracion/personas/{eva.id}/rol/"
    late = session_of(eva, proved_seconds_ago=301)
    assert late.get(target).headers["Location"] == f"/cuenta/confirmar/?next={target.replace('/', '%2F')}"
    assert session_of(eva, proved_seconds_ago=298).get(target).status_code == 200


def test_a_person_with_a_second_factor_cannot_prove_identity_by_password(make_person: MakePerson) -> None:
    eva = make_person("eva", Role.ADMINISTRATOR)
    eva.set_password(PASSWORD)
    eva.save()
    late = session_of(eva, proved_seconds_ago=301)
    answered = late.post("/cuenta/confirmar/contrasena/", {"password": PASSWORD})
    assert answered.headers["Location"] == "/cuenta/confirmar/"


def test_the_last_second_factor_of_who_holds_a_role_stays(make_person: MakePerson) -> None:
    client = session_of(make_person("eva", Role.AUDITOR))
    page = client.post("/cuenta/aplicacion/desactivar/", {})
    assert "único segundo factor" in page.text
    assert Authenticator.objects.filter(type=Authenticator.Type.TOTP).exists()


@pytest.mark.parametrize(
    "name", ["account_signup", "account_email", "mfa_signup_webauthn", "account_confirm_login_code"]
)
def test_there_is_no_public_sign_up(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)
