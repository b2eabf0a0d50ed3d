"""Actors: one owner for each document, several documents for one actor, nothing readable in the database."""

from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from veta.config.serve.child import be_ready
from veta.kernel.identity import document
from veta.registry import queries
from veta.registry.identity import decrypt, encrypt
from veta.registry.queries import Contact
from veta.registry.refusals import RegistryRefused
from veta.registry.services.actors import (
    NewActor,
    add_document,
    record_contact,
    record_name,
    register_actor,
    register_actors,
)
from veta.storage import keys

CC = document("CC", "52123456")
NIT = document("NIT", "900500018")
pytestmark = pytest.mark.django_db


def person(**changes: object) -> UUID:
    values = {"documents": [CC], "by": "oficial.uno", "source": "DEMO"} | changes
    return register_actor("person", "María Demo", **values)  # type: ignore[arg-type]


def codes_of(refused: pytest.ExceptionInfo[RegistryRefused]) -> list[str]:
    return [finding.code for finding in refused.value.findings]


def test_an_actor_is_found_by_any_of_its_documents() -> None:
    actor = person()
    assert add_document(actor, document("NIT", "52123456"), by="oficial.uno", source="RUT DEMO") is True
    found = queries.actors_of([CC, document("NIT", "52123456"), NIT])
    assert found == {CC: actor, document("NIT", "52123456"): actor}
    assert queries.documents_of([actor]) == {actor: (CC, document("NIT", "52123456"))}
    assert queries.kinds_of([actor, uuid4()]) == {actor: "person"}


def test_attaching_the_same_document_again_changes_nothing() -> None:
    actor = person()
    assert add_document(actor, CC, by="oficial.dos", source="DEMO") is False
    assert len(queries.documents_of([actor])[actor]) == 1


def test_a_document_of_another_actor_is_refused_and_says_nothing_of_whom() -> None:
    first, second = person(), person(documents=[document("CC", "1020304050")])
    with pytest.raises(RegistryRefused) as refused:
        add_document(second, CC, by="oficial.uno", source="DEMO")
    assert codes_of(refused) == ["IDE-004"]
    assert str(first) not in refused.value.message
    assert "María" not in refused.value.message


@pytest.mark.parametrize(
    ("kind", "name", "documents", "contact", "codes"),
    [
        ("firm", "Minera Demo", [CC], None, ["IDE-005"]),
        ("sect", "Minera Demo", [], None, ["IDE-005"]),
        ("person", "  ", [], None, ["IDE-006"]),
        ("person", "Ana\u202eDemo", [], None, ["IDE-006"]),
        ("person", "a" * 201, [], None, ["IDE-006"]),
        ("person", "Ana", [CC, CC], None, ["IDE-004"]),
        ("person", "Ana", [CC], Contact("sms", "3001234567"), ["IDE-007"]),
        ("person", "Ana", [CC], Contact("paloma", "+573001234567"), ["IDE-007"]),
        ("firm", "", [CC], Contact("email", "x"), ["IDE-006", "IDE-005", "IDE-007"]),
    ],
)
def test_refusals_come_all_at_once(
    kind: str, name: str, documents: list[object], contact: Contact | None, codes: list[str]
) -> None:
    with pytest.raises(RegistryRefused) as refused:
        register_actor(kind, name, documents=documents, contact=contact, by="o", source="DEMO")  # type: ignore[arg-type]
    assert codes_of(refused) == codes


@pytest.mark.parametrize(
    ("kind", "name", "documents", "contact"),
    [
        ("firm", "Minera Demo", [NIT], Contact("email", "a@demo.co")),
        ("person", "a" * 200, [], Contact("voice", "+573001234567")),
    ],
)
def test_the_nearest_that_is_admitted(kind: str, name: str, documents: list[object], contact: Contact) -> None:
    actor = register_actor(kind, name, documents=documents, contact=contact, by="o", source="DEMO")  # type: ignore[arg-type]
    assert queries.names_of([actor]) == {actor: name}
    assert queries.contacts_of([actor]) == {actor: contact}


def test_the_last_name_and_contact_recorded_are_the_current_ones() -> None:
    actor = person(contact=Contact("sms", "+573001234567"))
    record_name(actor, "María Demo de Demo", by="oficial.uno")
    record_contact(actor, Contact("voice", "+573007654321"), by="oficial.uno", source="DEMO")
    assert queries.names_of([actor]) == {actor: "María Demo de Demo"}
    assert queries.contacts_of([actor]) == {actor: Contact("voice", "+573007654321")}


@pytest.mark.parametrize(
    "write",
    [
        lambda: add_document(uuid4(), CC, by="o", source="DEMO"),
        lambda: record_name(uuid4(), "Ana", by="o"),
        lambda: record_contact(uuid4(), Contact("sms", "+573001234567"), by="o", source="DEMO"),
    ],
)
def test_an_unknown_actor_is_refused(write) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(RegistryRefused) as refused:
        write()
    assert codes_of(refused) == ["IDE-001"]


def test_many_actors_enter_together_or_not_at_all() -> None:
    many = [
        NewActor(kind="person", name=f"Persona {n}", documents=(document("CC", str(10_000_000 + n)),))
        for n in range(300)
    ]
    assert register_actors(many, by="o", source="DEMO") == [actor.id for actor in many]
    again = [NewActor(kind="person", name="Otra", documents=(document("CC", "77777777"),)), many[7]]
    with pytest.raises(RegistryRefused), transaction.atomic():
        register_actors([NewActor(kind=a.kind, name=a.name, documents=a.documents) for a in again], by="o", source="D")
    assert queries.actors_of([document("CC", "77777777")]) == {}


def test_no_identity_stands_in_the_database() -> None:
    person(contact=Contact("sms", "+573001234567"))
    register_actor("firm", "Minera Reluciente", documents=[NIT], by="o", source="DEMO")
    text = everything_in_the_database()
    for planted in ("52123456", "900500018", "María", "Reluciente", "3001234567"):
        assert planted not in text
        assert planted.encode().hex() not in text
    assert "oficial.uno" in text


def everything_in_the_database() -> str:
    """Every row of every table, as text; bytes as hexadecimal."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        tables = [name for (name,) in cursor.fetchall()]
        dumped = []
        for table in tables:
            cursor.execute(f"SELECT coalesce(string_agg(t::text, E'\\n'), '') FROM \"{table}\" t")
            dumped.append(cursor.fetchone()[0])
    return "\n".join(dumped)


def test_a_ciphertext_opens_only_for_its_table_column_and_actor() -> None:
    actor = uuid4()
    sealed = encrypt("52123456", table="actor_document", column="number", actor=actor)
    assert decrypt(sealed, table="actor_document", column="number", actor=actor) == "52123456"
    assert encrypt("52123456", table="actor_document", column="number", actor=actor) != sealed
    for place in (
        ("actor_name", "number", actor),
        ("actor_document", "name", actor),
        ("actor_document", "number", uuid4()),
    ):
        with pytest.raises(keys.KeyRefused):
            decrypt(sealed, table=place[0], column=place[1], actor=place[2])
    for broken in (sealed[:-1], b"\x02" + sealed[1:], bytes([*sealed[:-1], sealed[-1] ^ 1]), b""):
        with pytest.raises(keys.KeyRefused):
            decrypt(broken, table="actor_document", column="number", actor=actor)


def test_a_lost_key_is_refused_and_never_replaced_in_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    person()
    monkeypatch.setenv("VETA_IDENTITY_KEY", "A" * 43 + "=")
    with pytest.raises(keys.KeyRefused) as refused:
        person(documents=[NIT])
    assert refused.value.code == "IDE-009"
    monkeypatch.setenv("VETA_IDENTITY_KEY", "corta")
    with pytest.raises(keys.KeyRefused):
        keys.key_of("identity")


def test_the_hub_does_not_begin_without_the_keys_of_its_registry(settings, tmp_path, capsys) -> None:  # type: ignore[no-untyped-def]
    be_ready()
    person()
    be_ready()
    settings.VETA_HOME = tmp_path / "home"
    with pytest.raises(SystemExit):
        be_ready()
    assert "Falta la clave con que se escribió" in capsys.readouterr().err
    assert not (tmp_path / "home" / "keys").exists(), "none is made in its place"


def test_keys_are_made_once_and_only_their_owner_reads_them(settings, tmp_path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    settings.VETA_HOME = tmp_path / "home"
    made = {purpose: keys.key_of(purpose) for purpose in keys.PURPOSES}
    assert len(set(made.values())) == len(keys.PURPOSES)
    keys._key.cache_clear()
    assert {purpose: keys.key_of(purpose) for purpose in keys.PURPOSES} == made
    for file in (tmp_path / "home" / "keys").iterdir():
        assert file.stat().st_mode & 0o777 == 0o600
    made_files = {file.name for file in (tmp_path / "home" / "keys").iterdir()}
    assert made_files == {f"{purpose}.key" for purpose in keys.PURPOSES}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE registry_actor SET kind = 'firm'",
        "UPDATE registry_actordocument SET type = 'CE'",
        "DELETE FROM registry_actorname",
        "TRUNCATE registry_actor CASCADE",
        "ALTER TABLE registry_titleversion DISABLE TRIGGER append_only",
    ],
)
def test_the_application_changes_and_deletes_nothing(statement: str) -> None:
    person()
    with pytest.raises(Exception, match=r"permission denied|must be owner") as refused, transaction.atomic():
        connection.cursor().execute(statement)
    assert isinstance(refused.value.__cause__, psycopg.errors.InsufficientPrivilege)


def test_a_latch_locks_and_changes_nothing() -> None:
    actor = person()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM registry_actor WHERE id = %s FOR UPDATE", [actor])
        with pytest.raises(IntegrityError, match="UPDATE of registry_actor refused"), transaction.atomic():
            cursor.execute("UPDATE registry_actor SET latch = 1 WHERE id = %s", [actor])
