"""Django's PostgreSQL backend over the embedded server: it starts when the first connection asks for it."""
