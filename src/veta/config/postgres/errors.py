"""What can go wrong with the embedded server, told with its remedy."""


class PostgresError(Exception):
    """The embedded PostgreSQL cannot be used; the message is Spanish and says what to do."""
