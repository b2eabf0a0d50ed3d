"""`docs/permissions.md`, written from the table and the URLs: what is signed off is what is enforced."""

import re
from collections.abc import Iterable

from veta.site.access import Access, Kind
from veta.site.deployment import deployment
from veta.site.endpoints import Endpoint, endpoints

HEAD = """\
# Permissions

Every endpoint × every method × who may call it. Written by `veta site permissions` from `veta.site.permissions`; a test
keeps the two the same, and another calls every cell as every role. What is not here is refused: an endpoint without a
row answers 403 to everyone, a method without a cell answers 405. HEAD goes with GET.

| word | who |
|---|---|
| everyone | no account is needed |
| operator | a registered operator's signature, which the API verifies |
| session | any account that signed in, before its second factor too: enrolment, proof of identity |
| account | any account whose session proved a second factor |
| *roles* | the same, holding one of these roles |
| + recent | the second factor was proved in the last five minutes |

`every role` stands for: {roles}. `insurer` and `auditor` read only.

| endpoint | path | GET | POST | PUT | PATCH | DELETE |
|---|---|---|---|---|---|---|
"""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WORDS = {Kind.PUBLIC: "everyone", Kind.OPERATOR: "operator", Kind.SESSION: "session", Kind.ACCOUNT: "account"}


def document(head: str = HEAD) -> str:
    """The whole page of the deployment that the settings name, one row for each endpoint, by path."""
    rows = "".join(_row(endpoint) for endpoint in sorted(endpoints(), key=_readable))
    return head.format(roles=", ".join(deployment().labels)) + rows


def _row(endpoint: Endpoint) -> str:
    row = deployment().permissions.get(endpoint.name, {})
    cells: Iterable[str] = (_cell(row.get(method)) for method in METHODS)
    return f"| `{endpoint.name}` | `{_readable(endpoint)}` | {' | '.join(cells)} |\n"


def _cell(access: Access | None) -> str:
    if access is None:
        return "–"
    who = WORDS.get(access.kind) or _roles(access)
    return f"{who} + recent" if access.step_up else who


def _roles(access: Access) -> str:
    ours = deployment().labels
    whole = access.roles == frozenset(ours)
    named = "every role" if whole else ", ".join(role for role in ours if role in access.roles)
    if access.kind is not Kind.MEMBERS:
        return named
    proving = ", ".join(role for role in ours if role in access.guarded)
    return f"{named} (by any sign-in; {proving} by a second factor)" if proving else f"{named} (by any sign-in)"


def _readable(endpoint: Endpoint) -> str:
    plain = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", endpoint.route)
    return "/" + plain.replace("^", "").replace("$", "")
