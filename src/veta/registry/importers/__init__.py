"""Files into the registry in three steps: read, preview (each row ok, repaired or rejected, and why), apply once."""
