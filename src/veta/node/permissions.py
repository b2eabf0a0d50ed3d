"""The node's table of permissions: every endpoint × every method × who. What is not here is refused.

The table says which role may ask; of which client's things a person sees is `veta.node.queries.members`' to say,
asked by every page. `docs/permissions-node.md` is generated from here.
"""

from collections.abc import Mapping

from veta.node.roles import OF_A_CLIENT, NodeRole
from veta.site.access import PUBLIC, Row, by, endpoint, members
from veta.site.permissions import OWN_ACCOUNT, SIGN_IN

EVERYONE = members(*NodeRole)
A_CLIENTS = members(*OF_A_CLIENT)
# Who runs a client's affairs here: its own person, or the operator's desk, which proves a second factor.
MANAGERS = members(NodeRole.OWNER, NodeRole.DESK)
DESK = by(NodeRole.DESK)

PAGES: dict[str, Row] = {
    "home": endpoint(get=PUBLIC),
    "health": endpoint(get=PUBLIC),
    "accessibility": endpoint(get=PUBLIC),
    "legal": endpoint(get=PUBLIC),
    "set_language": endpoint(post=PUBLIC),
    # Whoever calls must have signed as the hub: the page checks it.
    "node_webhook": endpoint(post=PUBLIC),
    "node_kinds": endpoint(get=DESK),
    "node_join": endpoint(get=DESK, post=DESK),
    "node_mandate": endpoint(get=MANAGERS, post=MANAGERS),
    "node_people": endpoint(get=MANAGERS, post=MANAGERS),
    "node_leave": endpoint(get=MANAGERS, post=MANAGERS),
    "node_record": endpoint(get=EVERYONE, post=members(NodeRole.OWNER, NodeRole.COUNTER, NodeRole.DESK)),
    "node_reconciliation": endpoint(get=EVERYONE, post=MANAGERS),
    "node_places": endpoint(get=MANAGERS, post=MANAGERS),
    "node_client": endpoint(get=EVERYONE),
}

PERMISSIONS: Mapping[str, Row] = {
    **SIGN_IN,
    **{name: row for name, row in OWN_ACCOUNT.items() if name != "access_purpose"},
    **PAGES,
}
