"""How the test format refuses: a file that cannot be read, a candidate that does not answer, a sandbox that fails."""

from veta.kernel.errors import DomainError


class ConformanceError(DomainError):
    """The family of the test format's refusals; never said as it is."""

    code = "CNF-000"


class ScenarioRefused(ConformanceError):
    """A scenario's file says something that the suite does not know; the message names file, place and remedy."""

    code = "CNF-001"


class CandidateRefused(ConformanceError):
    """The candidate's file is wrong, or its driver does not answer as docs/conformance.md says."""

    code = "CNF-002"


class SandboxFailed(ConformanceError):
    """The suite's own hub or office does not open or does not answer."""

    code = "CNF-003"
