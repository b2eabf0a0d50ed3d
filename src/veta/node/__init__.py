"""The operator's product: it reaches the hub by its public HTTP API alone."""
