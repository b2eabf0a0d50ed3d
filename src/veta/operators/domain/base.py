"""What exactly is signed: the target in one spelling, and the signature base line by line."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes
from uuid import UUID

from veta.operators.domain.fields import digest_field

JSON = "application/json"
_AS_IT_IS = "/!$&'()*+,;=:@~"


@dataclass(frozen=True, slots=True)
class SignedMessage:
    """A request as received: `fields` by lower-case name, repeated ones joined by a comma as HTTP has it."""

    method: str
    target_uri: str
    fields: Mapping[str, str]
    body: bytes

    @property
    def has_body(self) -> bool:
        return bool(self.body)

    def body_from(self, operator: UUID) -> bytes:
        """The body, whoever sent it."""
        return self.body


@dataclass(frozen=True, slots=True)
class ArrivingMessage:
    """A request whose body of `length` octets may still be on its way: `read` waits for it, however slow the operator
    that sends it, which its signature has told by then."""

    method: str
    target_uri: str
    fields: Mapping[str, str]
    length: int
    read: Callable[[UUID], bytes]

    @property
    def has_body(self) -> bool:
        return self.length > 0

    def body_from(self, operator: UUID) -> bytes:
        """The body, once all of it is here."""
        return self.read(operator) if self.has_body else b""


def target_uri(origin: str, path: bytes, query: str) -> str:
    """The `@target-uri` of a request: the hub's public origin, the path in its one spelling, the query as received.

    Servers hand over the path decoded, so only one spelling of it can be signed (RFC 3986 §6.2.2): what is neither
    unreserved nor a delimiter is percent-encoded in upper case.
    Args: `path`, its decoded octets (`octets_of` a spelled one); `query`, without its question mark.
    """
    return f"{origin.rstrip('/')}{quote(path, safe=_AS_IT_IS)}{'?' if query else ''}{query}"


def octets_of(path: str) -> bytes:
    """The octets of a path as a client writes it, percent-encoded or not."""
    return unquote_to_bytes(path)


def base_of(*, method: str, target_uri: str, params: str, components: tuple[str, ...], body_digest: bytes) -> bytes:
    """The signature base (RFC 9421 §2.5): one line for each component, then the parameters as signed."""
    values = {
        "@method": method,
        "@target-uri": target_uri,
        "content-digest": digest_field(body_digest),
        "content-type": JSON,
    }
    lines = [f'"{name}": {values[name]}' for name in components]
    lines.append(f'"@signature-params": {params}')
    return "\n".join(lines).encode("ascii")
