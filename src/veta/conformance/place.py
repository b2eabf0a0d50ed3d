"""Where the suite's hub is reached: the address at which it listens, and the origin under which candidates sign."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from urllib.parse import SplitResult, urlsplit

from veta.conformance.domain.refusals import CandidateRefused

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Place:
    """`host`: an IPv4 address of this machine; `port`: 0 for a free one; `origin`: empty for host and port as they are.

    Made by `place_of`, which says what does not go together.
    """

    host: str = LOOPBACK
    port: int = 0
    origin: str = ""

    def origin_at(self, port: int) -> str:
        """The public origin of a hub that listens at a port."""
        return self.origin or f"http://{self.host}:{port}"


def place_of(*, host: str = "", port: int = 0, origin: str = "") -> Place:
    """A place, checked. Raises CandidateRefused: for what is no address, port or origin, for an origin without its
    port, for plain HTTP out of this machine, and for an address that others reach without an origin."""
    host = host or LOOPBACK
    try:
        address = IPv4Address(host)
    except AddressValueError as error:
        raise CandidateRefused(f"[hub] host: «{host}» no es una dirección IPv4 de esta máquina. Corríjala.") from error
    if not 0 <= port <= 65535:
        raise CandidateRefused(f"[hub] port: «{port}» no es un puerto. Escriba uno de 1 a 65535, o ninguno.")
    if not origin:
        if not address.is_loopback:
            raise CandidateRefused(
                f"[hub] host: a «{host}» se llega desde otras máquinas. Declare [hub] origin, la dirección https con"
                " que el candidato llega (docs/conformance.md)."
            )
        return Place(host, port)
    if not port:
        raise CandidateRefused("[hub] origin: declare también [hub] port, al que lleva quien atiende esa dirección.")
    return Place(host, port, _origin(origin))


def _origin(text: str) -> str:
    """An origin as it is signed: scheme, name and port in lower case, nothing behind them."""
    try:
        parts = urlsplit(text.strip().rstrip("/").lower())
        port = parts.port
    except ValueError as error:
        raise _no_origin(text) from error
    bare = SplitResult(parts.scheme, parts.netloc, "", "", "")
    named = bool(parts.hostname) and parts.netloc.isascii() and not set(parts.netloc) & set("@[] \\")
    if not named or parts != bare:
        raise _no_origin(text)
    if parts.scheme != "https" and not (parts.scheme == "http" and _of_this_machine(str(parts.hostname))):
        raise CandidateRefused(f"[hub] origin: «{text}» sale de esta máquina sin TLS. Use https, con un proxy delante.")
    standard = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port not in (None, standard) else "")


def _no_origin(text: str) -> CandidateRefused:
    return CandidateRefused(f"[hub] origin: «{text}» no es un origen como https://ensayo.example. Corríjalo.")


def _of_this_machine(name: str) -> bool:
    try:
        return name == "localhost" or IPv4Address(name).is_loopback
    except AddressValueError:
        return False
