"""The integrator: heads that only move forward, tiles that are what the entries say, and one checkpoint a size."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import errors

from tests.transparency import second
from tests.transparency.logs import KEY, add, integrator, random_entries
from veta.transparency.domain.notes import checkpoint_of, parse_note, signed_by
from veta.transparency.domain.tiles import ENTRIES, Tile, entries_of
from veta.transparency.integrate import HeadMoved, LogBroken, read_head


@pytest.fixture
def session(fresh_database: Any) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(fresh_database.dsn, autocommit=True) as connection:
        yield connection


def test_each_round_signs_the_tree_of_what_is_numbered(session, tmp_path) -> None:
    entries, made = random_entries(700), integrator(session, tmp_path)
    assert made.step() == 0
    assert session.execute("SELECT size FROM transparency_checkpoint").fetchall() == [(0,)]
    assert made.step() == 0
    for start, end in ((0, 1), (1, 256), (256, 300), (300, 700)):
        add(session, entries[start:end], group=33)
        assert made.step() == end - start
        head = read_head(session)
        assert (head.size, head.root) == (end, second.root(entries[:end]))
    for size, root, note in session.execute("SELECT size, root, note FROM transparency_checkpoint"):
        read = parse_note(note)
        assert signed_by(read, [KEY.verifier]) == [KEY.verifier]
        assert checkpoint_of(read.text)[1:] == (size, bytes(root)) == (size, second.root(entries[:size]))
    stored = [made.files.read(Tile(ENTRIES, n, w)) for n, w in ((0, 256), (1, 256), (2, 188))]
    assert [entry for data in stored for entry in entries_of(data)] == entries


def test_another_process_goes_on_where_the_first_was(session, tmp_path) -> None:
    entries = random_entries(600)
    for at in range(0, 600, 200):
        add(session, entries[at : at + 200])
        assert integrator(session, tmp_path).step() == 200
    assert read_head(session).root == second.root(entries)


def test_of_two_that_integrate_at_once_one_moves_the_head(fresh_database, session, tmp_path) -> None:
    add(session, random_entries(100))
    with psycopg.connect(fresh_database.dsn, autocommit=True) as other:
        first, later = integrator(session, tmp_path / "a"), integrator(other, tmp_path / "b")
        add(session, random_entries(50, seed=2))
        assert first.step() == 150
        with pytest.raises(HeadMoved):
            later.step()
        later.load(read_head(other))
        assert later.step() == 0
    assert session.execute("SELECT size FROM transparency_checkpoint").fetchall() == [(150,)]


def test_a_head_moved_between_reading_and_signing_is_not_signed_over(session, tmp_path, fresh_database) -> None:
    add(session, random_entries(10))
    slow = integrator(session, tmp_path / "a")
    write = slow.files.write

    def meanwhile(tiles: Any) -> None:
        write(tiles)
        with psycopg.connect(fresh_database.dsn, autocommit=True) as other:
            add(other, random_entries(5, seed=3))
            assert integrator(other, tmp_path / "b").step() == 15

    slow.files.write = meanwhile  # type: ignore[method-assign]
    with pytest.raises(HeadMoved):
        slow.step()
    assert session.execute("SELECT size FROM transparency_checkpoint").fetchall() == [(15,)]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE transparency_head SET size = 5",
        "UPDATE transparency_head SET root = decode(repeat('00', 32), 'hex')",
        "UPDATE transparency_head SET published = 1",
        "DELETE FROM transparency_head",
        "TRUNCATE transparency_head",
        "INSERT INTO transparency_head SELECT 2, size, root, published FROM transparency_head",
        "UPDATE transparency_checkpoint SET note = ''",
        "DELETE FROM transparency_checkpoint",
        "INSERT INTO transparency_checkpoint (size, root, note) SELECT size, root, '' FROM transparency_checkpoint",
    ],
)
def test_the_database_lets_no_head_go_back(statement, session, tmp_path, fresh_database) -> None:
    from veta.config.postgres.cluster import OWNER

    add(session, random_entries(10))
    integrator(session, tmp_path).step()
    session.execute("UPDATE transparency_head SET published = 10")
    refused = (errors.RestrictViolation, errors.CheckViolation, errors.UniqueViolation, errors.InsufficientPrivilege)
    for user in ({}, {"user": OWNER}):
        with psycopg.connect(fresh_database.dsn, **user) as connection, pytest.raises(refused):
            connection.execute(statement)


def test_entries_altered_before_the_start_stop_the_log(session, tmp_path, fresh_database) -> None:
    from veta.config.postgres.cluster import SUPERUSER

    add(session, random_entries(300))
    integrator(session, tmp_path).step()
    with psycopg.connect(fresh_database.dsn, user=SUPERUSER, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")
        admin.execute("UPDATE transparency_group SET leaves = set_byte(leaves, 77, get_byte(leaves, 77) # 1)")
    with pytest.raises(LogBroken):
        integrator(session, tmp_path)


def test_a_tile_that_the_disk_holds_otherwise_is_not_signed(session, tmp_path) -> None:
    add(session, random_entries(300))
    made = integrator(session, tmp_path)
    write = made.files.write

    def badly(tiles: Any) -> None:
        write(tiles)
        path = tmp_path / Tile(0, 0).path
        path.write_bytes(path.read_bytes()[:-1] + b"x")

    made.files.write = badly  # type: ignore[method-assign]
    with pytest.raises(LogBroken, match="tile/0/000"):
        made.step()
    assert read_head(session).size == 0
