"""How a process that decides groups treats its memory."""

import ctypes
import gc
from contextlib import suppress

# A group of a thousand movements is more than 40,000 objects that live until it is answered: looking through them twice
# found nothing, and took 16 µs of each movement.
COLLECT_AFTER = (100_000, 20, 50)
# glibc gives each thread an arena of its own, and keeps in it what a group freed: a process held 310 MB, with two 213.
ARENAS = 2
M_ARENA_MAX = -8  # of glibc's malloc.h


def keep_what_is_loaded() -> None:
    """Take what is loaded now as staying: the collector need not walk it again, and a group's rows are no garbage to
    look for."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    with suppress(AttributeError):  # a C library that has no such thing
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, ARENAS)
