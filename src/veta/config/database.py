"""The database's settings: DATABASE_URL's, or the embedded server's, always as one of our two roles."""

import os
from typing import Any

from psycopg.conninfo import conninfo_to_dict

from veta.config.postgres.cluster import APP, DATABASE, OWNER

LIVING = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True, "ATOMIC_REQUESTS": False}


def database_settings() -> dict[str, Any]:
    """Django's `DATABASES["default"]`.

    `VETA_DB_ROLE`: the role of the session, `veta_app` unless it says `veta_owner` (migrations). `DATABASE_URL`: a
    server of the installer's, whose user must be a member of both roles; over a socket without password the role
    itself signs in. Else the embedded server, which starts at the first connection and not before.
    """
    role = os.environ.get("VETA_DB_ROLE", APP)
    url = os.environ.get("DATABASE_URL")
    return {**(_given(url, role) if url else _embedded(role)), **LIVING}


def be_owner() -> None:
    """From here on this process connects as the tables' owner. For one that has connected as nobody yet."""
    from django.db import connections

    os.environ["VETA_DB_ROLE"] = OWNER
    connections["default"].settings_dict.update(database_settings())


def _embedded(role: str) -> dict[str, Any]:
    return {"ENGINE": "veta.config.embedded", "NAME": DATABASE, "USER": role, "OPTIONS": _options(role)}


def _given(url: str, role: str) -> dict[str, Any]:
    parts: dict[str, Any] = dict(conninfo_to_dict(url))
    if parts.get("user") in {OWNER, APP} and not parts.get("password"):
        parts["user"] = role
    given = {name.upper(): str(parts.pop(name)) for name in ("host", "port", "user", "password") if name in parts}
    name = parts.pop("dbname", DATABASE)
    options = {**parts, **_options(role, str(parts.get("options", "")))}
    return {"ENGINE": "veta.config.installed", "NAME": name, **given, "OPTIONS": options}


def _options(role: str, others: str = "") -> dict[str, Any]:
    options = f"{others} -c role={role}".strip()
    # Django turns psycopg's prepared statements off; the group's own cursors ask for them one by one.
    return {"options": options, "application_name": "veta", "connect_timeout": 10, "prepare_threshold": 5}
