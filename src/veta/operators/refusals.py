"""How this slice refuses what officers and operators ask of it."""

from veta.kernel.errors import DomainError


class OperatorRefused(DomainError):
    """Something about an operator or a key that is not recorded: OPE-001 … OPE-008, each with its remedy."""

    code = "OPE-000"
