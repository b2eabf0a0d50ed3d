"""Where a webhook may be: an https name of the public internet, never an address of our own network.

The name is judged when it is asked for, and every address it resolves to at each call: a name that changes its mind
between the two gains nothing (ADR 0093).
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from veta.kernel.errors import DomainError
from veta.operators.domain.base import octets_of, target_uri

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
LONGEST = 500
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_GLOBAL = IPv6Network("2000::/3")
# Inside 2000::/3, but a way to an IPv4 address or to a special use: 6to4, Teredo and its neighbours, documentation.
_NOT_GLOBAL = tuple(map(IPv6Network, ("2002::/16", "2001::/23", "2001:db8::/32", "3fff::/20")))
_V4_SPECIAL = tuple(map(IPv4Network, ("192.88.99.0/24", "192.0.0.0/24", "198.18.0.0/15", "100.64.0.0/10")))


class WebhookRefused(DomainError):
    """A webhook that cannot be: OPE-020 its URL, OPE-021 the addresses of its name."""

    code = "OPE-020"


@dataclass(frozen=True, slots=True)
class Target:
    """A webhook's URL, taken apart."""

    url: str
    host: str
    port: int
    path: str


def target_of(url: str, *, own_host: str = "") -> Target:
    """The URL of a webhook; WebhookRefused OPE-020 unless it is an https name in its one spelling.

    No address in digits of any base, no user, no fragment, no blank; port 443 or one above 1023; not the hub itself.
    """
    fault = "La dirección va como «https://nombre.dominio/ruta», en ASCII, sin usuario, sin «#» y sin IP."
    if not (url.isascii() and url.isprintable()) or len(url) > LONGEST or " " in url or "\\" in url or "#" in url:
        raise WebhookRefused(fault)
    try:
        parts = urlsplit(url)
        port = parts.port or 443
    except ValueError:
        raise WebhookRefused(fault) from None
    host = parts.hostname or ""
    if parts.scheme != "https" or "@" in parts.netloc or not _NAME.fullmatch(host) or host == own_host:
        raise WebhookRefused(fault)
    if port != 443 and not 1024 <= port <= 65535:
        raise WebhookRefused("El puerto es 443 o uno desde 1024. Cambie la dirección.")
    origin = f"https://{host}" + (f":{port}" if parts.port else "")
    path = parts.path or "/"
    spelled = target_uri(origin, octets_of(path), parts.query)
    if url not in (spelled, spelled.rstrip("/")) or (parts.path == "" and parts.query):
        raise WebhookRefused(f"Escriba la dirección en su forma normal: «{spelled}».")
    return Target(spelled, host, port, spelled[len(origin) :])


def is_reachable(address: Address, *, also: tuple[Network, ...] = ()) -> bool:
    """Whether the hub may connect there: a unicast address of the public internet, or of a network in `also`.

    An IPv4 address inside an IPv6 one (mapped, 6to4, NAT64, Teredo) never is: nobody serves a webhook there.
    """
    if any(address in network for network in also if network.version == address.version):
        return True
    if isinstance(address, IPv6Address):
        return address in _GLOBAL and address.is_global and not any(address in network for network in _NOT_GLOBAL)
    special = any(address in network for network in _V4_SPECIAL)
    return address.is_global and not (address.is_multicast or address.is_reserved or special)


def addresses_of(found: list[str], *, also: tuple[Network, ...] = ()) -> list[Address]:
    """The addresses that a name resolved to; WebhookRefused OPE-021 where there is none, or any is not reachable."""
    try:
        addresses = [ip_address(text.partition("%")[0]) for text in dict.fromkeys(found)]
    except ValueError:
        addresses = []
    if not addresses:
        raise WebhookRefused("El nombre no resuelve a ninguna dirección.", code="OPE-021")
    if not all(is_reachable(address, also=also) for address in addresses):
        raise WebhookRefused("El nombre resuelve a una dirección que no es de la internet pública.", code="OPE-021")
    return addresses
