"""What the candidate's user is shown: the hub's word, and that there is none yet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from veta.conformance.domain.checks.registry import Fault, check
from veta.conformance.domain.evidence import Evidence


@check
def shown(
    evidence: Evidence, *, of: Sequence[str], state: str, codes: Sequence[str] = (), at: str = ""
) -> Iterator[Fault]:
    """Each is shown in one of these states (`a|b`), with these codes in the text that is read (at a named step)."""
    for name in of:
        seen = evidence.shown.get(f"{at}/{name}")
        if seen is None:
            yield Fault(f"«{name}» no se le muestra al usuario")
            continue
        if seen["state"] not in state.split("|"):
            yield Fault(f"«{name}» se muestra como {seen['state']}; se esperaba {state}")
        for code in codes:
            if code not in seen["text"]:
                yield Fault(f"«{name}»: el usuario no ve {code}; ve «{seen['text'][:200]}»")
