"""`make bench [ARGS="--quick"]`: measure, write `bench/results.md`, and end with 1 where a figure is missed."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from bench.sizes import FULL, PROFILES

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    given = _arguments(arguments)
    home = given.home.resolve()
    os.environ.pop("DATABASE_URL", None)
    os.environ["VETA_HOME"] = str(home)
    os.environ["VETA_DB_ROLE"] = "veta_owner"
    from veta.config.postgres import stop

    if home.exists():
        stop(home)
        shutil.rmtree(home)
    home.mkdir(parents=True, mode=0o755)
    os.environ["DJANGO_SETTINGS_MODULE"] = "veta.config.settings"
    import django

    django.setup()
    from bench.run import run

    try:
        results = run(PROFILES[given.profile], home, say=_say)
    finally:
        stop(home)
    given.results.write_text(results.page())
    print(results.page())
    if given.profile == "smoke":  # too short to judge a speed by
        return 0 if results.faultless else 1
    return 0 if results.met else 1


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--profile", choices=sorted(PROFILES), default=FULL.name)
    parser.add_argument("--quick", dest="profile", action="store_const", const="quick", help="a tenth of everything")
    parser.add_argument("--home", type=Path, default=HERE.parent / ".veta" / "bench", help="VETA_HOME; it is emptied")
    parser.add_argument("--results", type=Path, help="the page; bench/results.md for a full run, else beside the home")
    given = parser.parse_args(arguments)
    if given.results is None:
        given.results = HERE / "results.md" if given.profile == FULL.name else given.home / "results.md"
    return given


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
