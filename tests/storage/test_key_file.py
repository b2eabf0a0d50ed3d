"""Files of secrets: made once, whole, private, and never written over."""

import secrets
import threading
from pathlib import Path

import pytest

from veta.storage.key_file import made_once, write_new


def new_secret() -> bytes:
    return secrets.token_bytes(32)


def test_of_many_at_once_one_secret_wins_for_all(tmp_path: Path) -> None:
    path, made = tmp_path / "keys" / "one", []
    threads = [threading.Thread(target=lambda: made.append(made_once(path, new_secret))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert set(made) == {path.read_bytes()}
    assert [file.name for file in path.parent.iterdir()] == ["one"]


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "one"
    write_new(path, new_secret())
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_none_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "one"
    write_new(path, b"first")
    with pytest.raises(FileExistsError):
        write_new(path, b"second")
    assert made_once(path, new_secret) == b"first"
    assert [file.name for file in tmp_path.iterdir()] == ["one"]
