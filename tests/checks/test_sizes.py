"""Modules and functions at, just below and just above the limits."""

from pathlib import Path

import pytest

from checks.sizes import main, modules, oversized


@pytest.mark.parametrize(("lines", "broken"), [(499, 0), (500, 0), (501, 1)])
def test_a_module(tmp_path: Path, lines: int, broken: int) -> None:
    path = tmp_path / "module.py"
    path.write_text("x = 1\n" * lines)
    assert len(list(oversized(path))) == broken


@pytest.mark.parametrize(("lines", "broken"), [(59, 0), (60, 0), (61, 1)])
@pytest.mark.parametrize("keyword", ["def", "async def"])
def test_a_function(tmp_path: Path, keyword: str, lines: int, broken: int) -> None:
    path = tmp_path / "module.py"
    path.write_text(f"{keyword} f():\n" + "    x = 1\n" * (lines - 1))
    assert len(list(oversized(path))) == broken


def test_migrations_and_data_are_exempt(tmp_path: Path) -> None:
    for folder in ("migrations", "data", "domain"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "long.py").write_text("x = 1\n" * 600)
    assert [path.parent.name for path in modules([str(tmp_path)])] == ["domain"]
    assert main([str(tmp_path)]) == 1
