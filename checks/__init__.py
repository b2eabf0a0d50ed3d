"""What `make check` runs beside ruff and mypy. It is not part of the product."""
