"""A code means one thing: each one in the source stands in the page of rules or in the page of the others, once."""

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"\"([A-Z]{3}-[0-9]{3})\"")
RULES = re.findall(r"^(?:### |\| )([A-Z]{3}-[0-9]{3})\b", (ROOT / "docs" / "rules.md").read_text(), re.MULTILINE)
OTHERS = re.findall(r"^\| ([A-Z]{3}-[0-9]{3}) \|", (ROOT / "docs" / "findings.md").read_text(), re.MULTILINE)


def said() -> set[str]:
    return {code for path in (ROOT / "src").rglob("*.py") for code in CODE.findall(path.read_text())}


def test_every_code_has_its_line() -> None:
    assert said() == {*RULES, *OTHERS}


def test_no_code_has_two() -> None:
    assert [code for code, times in Counter([*RULES, *OTHERS]).items() if times > 1] == []
