"""Every endpoint that the project's URLs define, read from the resolver: what the permission table must cover."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A path as written in the URL configuration, with the name under which the resolver finds it."""

    route: str
    name: str


def endpoints() -> list[Endpoint]:
    """One for each route, in the order of the resolver.

    Where several names share a route (one for each method of the API), only the first is ever matched: the others are
    unreachable as names, and their methods are cells of the first one's row.
    """
    found: dict[str, Endpoint] = {}
    for endpoint in _walk(get_resolver(), "", ()):
        found.setdefault(endpoint.route, endpoint)
    return list(found.values())


def _walk(resolver: URLResolver, prefix: str, namespaces: tuple[str, ...]) -> Iterator[Endpoint]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield Endpoint(route, ":".join((*namespaces, pattern.name or "")))
        else:
            inner = (*namespaces, pattern.namespace) if pattern.namespace else namespaces
            yield from _walk(pattern, route, inner)
