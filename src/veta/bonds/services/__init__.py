"""Quotes, kept quotations, the life of bonds and the coherence of a title's year."""

from veta.bonds.services.coherence import coherence_of, needed_now
from veta.bonds.services.life import BondRefused, decide, draw, present, read_policy, require, restore, unrequired
from veta.bonds.services.quotes import answer_to, quote_of, save_quotation

__all__ = [
    "BondRefused",
    "answer_to",
    "coherence_of",
    "decide",
    "draw",
    "needed_now",
    "present",
    "quote_of",
    "read_policy",
    "require",
    "restore",
    "save_quotation",
    "unrequired",
]
