"""The checks by name: each looks at the evidence and yields what is wrong; a check that yields nothing passed."""

from veta.conformance.domain.checks import failure, hooks, ledger, privacy, sending, signing, told
from veta.conformance.domain.checks.registry import CHECKS, Fault, Judge

__all__ = ["CHECKS", "Fault", "Judge", "failure", "hooks", "ledger", "privacy", "sending", "signing", "told"]
