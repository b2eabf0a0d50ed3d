"""Writes of the registry: each one transaction, each refused with every reason at once and its remedy."""
