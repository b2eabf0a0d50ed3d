"""Writes of the call: one transaction each, behind the lock of its call."""

from veta.calls.services.book import perform
from veta.calls.services.calls import create_call

__all__ = ["create_call", "perform"]
