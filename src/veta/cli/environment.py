"""What a verb needs before it touches models: Django, with the right role in the database."""

import os

from veta.config.postgres.cluster import APP, OWNER


def open_django(*, owner: bool = False) -> None:
    """Set Django up as the application, or as the owner of the tables (migrations only).

    The embedded server starts by itself at the first query. Verbs that need no database do not call this.
    """
    os.environ["VETA_DB_ROLE"] = OWNER if owner else APP
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "veta.config.settings")
    import django

    django.setup()
