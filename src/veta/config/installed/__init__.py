"""Django's PostgreSQL backend for a server of the installer's: see `base`."""
