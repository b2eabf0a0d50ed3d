"""The embedded PostgreSQL: started when a command needs it, left running, one for each VETA_HOME.

`ensure_running` is all that the rest of Veta calls; `stop` is for `veta db stop` and the tests.
"""

from veta.config.postgres.errors import PostgresError
from veta.config.postgres.server import ensure_running, is_running, stop

__all__ = ["PostgresError", "ensure_running", "is_running", "stop"]
