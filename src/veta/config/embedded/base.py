"""The database wrapper that Django looks for in a backend named `veta.config.embedded`."""

from typing import Any

from psycopg import OperationalError

from veta.config.installed import base
from veta.config.postgres import PostgresError, ensure_running
from veta.config.postgres.place import PORT
from veta.config.postgres.server import find_place


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection to the embedded server of VETA_HOME; a server found down is started and asked again."""

    def get_connection_params(self) -> dict[str, Any]:
        """Where the server of VETA_HOME listens, with what the settings say."""
        return {**super().get_connection_params(), "host": str(find_place().sockets), "port": PORT}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a connection. Effect: starts the server, or waits for its recovery, where it does not answer."""
        try:
            return super().get_new_connection(conn_params)
        except OperationalError:
            try:
                ensure_running()
            except PostgresError as error:  # killed again while it started: to whoever asks, the database is away
                raise OperationalError(str(error)) from error
            return super().get_new_connection(conn_params)
