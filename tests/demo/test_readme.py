"""What the README and the demonstration's last lines tell people to type exists, and the files they point to too."""

import re
from pathlib import Path
from typing import Any

import pytest
import typer.main

from veta.cli.main import app
from veta.demo.screen import NEXT

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = sorted({*re.findall(r"\.venv/bin/veta [^\n`#]+", README), *(command for command, _ in NEXT)})


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_exists(command: str) -> None:
    found: Any = typer.main.get_command(app)
    words = iter(command.split()[1:])
    while verbs := getattr(found, "commands", None):
        word = next(words, "")
        assert word in verbs, f"«{command}»: no verb {word}"
        found = verbs[word]
    named = {option for parameter in found.params for option in parameter.opts}
    assert {word for word in command.split() if word.startswith("--")} <= named


def test_the_files_exist() -> None:
    linked = re.findall(r"\]\(([^)]+)\)", README)
    assert linked
    assert not [path for path in linked if not (ROOT / path).exists()]


def test_the_two_commands_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in ("demo", "test"))
