"""The database wrapper that Django looks for in a backend named `veta.config.installed`."""

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that is asked once in each request whether it still lives, however it is used.

    Django asks when one of its own cursors is opened. The hub also runs plain psycopg cursors, whose errors Django
    never sees: a thread would keep the connection of a server that was killed, and fail at each request, for ever.
    """

    def ensure_connection(self) -> None:
        """Connect where there is no connection, or a dead one and no transaction."""
        self.close_if_health_check_failed()
        super().ensure_connection()

    def get_autocommit(self) -> bool:
        """The state of the connection there is: Django asks for it when a request begins and when it ends, which is no
        use of it to ask the server before."""
        return bool(self.autocommit) if self.connection is not None else bool(super().get_autocommit())
