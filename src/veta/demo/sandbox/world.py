"""The sandbox's world, in its own home: `python -m veta.demo.sandbox.world`; it prints an operator's code last."""

from __future__ import annotations

import os


def main() -> None:
    """Load the demonstration's world where the home has none."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veta.config.settings")
    django.setup()
    from veta.config.postgres.place import home_of
    from veta.demo.country import demo_country
    from veta.demo.load import ready_world

    world, _new = ready_world(home_of(), demo_country(), seed=1, say=lambda _: None)
    print(world.operators[0][0])


if __name__ == "__main__":
    main()
