"""The node's table of permissions: every endpoint × every method × who. What is not here is refused.

The table says which role may ask; of which client's things a person sees is `veta.node.queries.members`' to say,
asked by every page. `docs/permissions-node.md` is generated from here.
"""

from collections.abc import Mapping

from veta.node.roles import NodeRole
from veta.site.access import PUBLIC, Row, by, endpoint, members
from veta.site.permissions import OWN_ACCOUNT, SIGN_IN

# The desk sees every client: it proves a second factor. A client's own people come in by whatever they sign in with.
GUARDED = (NodeRole.DESK,)
EVERYONE = members(*NodeRole, guarded=GUARDED)
# Who runs a client's affairs here: its own person, or the operator's desk.
MANAGERS = members(NodeRole.OWNER, NodeRole.DESK, guarded=GUARDED)
CAPTURERS = members(NodeRole.OWNER, NodeRole.COUNTER, NodeRole.DESK, guarded=GUARDED)
# A whole history goes to whom it is of: the client's own responsible person, and who keeps its accounts.
OWN_BOOKS = members(NodeRole.OWNER, NodeRole.ACCOUNTANT, guarded=GUARDED)
DESK = by(NodeRole.DESK)
# Who is let into the desk sees every client: whoever lets them in, or out, has just proved who they are.
DESK_NOW = by(NodeRole.DESK, step_up=True)

PAGES: dict[str, Row] = {
    "home": endpoint(get=PUBLIC),
    "health": endpoint(get=PUBLIC),
    "accessibility": endpoint(get=PUBLIC),
    "legal": endpoint(get=PUBLIC),
    "set_language": endpoint(post=PUBLIC),
    # Whoever calls must have signed as the hub: the page checks it.
    "node_webhook": endpoint(post=PUBLIC),
    "node_desk": endpoint(get=DESK),
    "node_desk_add": endpoint(get=DESK_NOW, post=DESK_NOW),
    "node_desk_leave": endpoint(get=DESK_NOW, post=DESK_NOW),
    "node_texts": endpoint(get=DESK),
    # What every client is given to sign: whoever changes it has just proved who they are.
    "node_text_add": endpoint(get=DESK_NOW, post=DESK_NOW),
    "node_kinds": endpoint(get=DESK),
    "node_join": endpoint(get=DESK, post=DESK),
    "node_mandate": endpoint(get=MANAGERS, post=MANAGERS),
    "node_authorization": endpoint(get=MANAGERS, post=MANAGERS),
    # The papers' numbers name persons: who manages reads them; the operator's desk, which saw the paper, adds one.
    "node_papers": endpoint(get=MANAGERS, post=members(NodeRole.DESK, guarded=GUARDED)),
    "node_correct": endpoint(get=MANAGERS, post=MANAGERS),
    "node_mandate_end": endpoint(get=MANAGERS, post=MANAGERS),
    "node_people": endpoint(get=MANAGERS, post=MANAGERS),
    "node_leave": endpoint(get=MANAGERS, post=MANAGERS),
    "node_role": endpoint(get=MANAGERS, post=MANAGERS),
    "node_record": endpoint(get=EVERYONE, post=CAPTURERS),
    "node_reconciliation": endpoint(get=EVERYONE, post=MANAGERS),
    "node_places": endpoint(get=MANAGERS, post=MANAGERS),
    "node_facility": endpoint(get=MANAGERS, post=MANAGERS),
    "node_branch_close": endpoint(get=MANAGERS, post=MANAGERS),
    "node_phone_retire": endpoint(get=MANAGERS, post=MANAGERS),
    "node_calibration": endpoint(get=MANAGERS),
    "node_client": endpoint(get=EVERYONE),
    "node_capture_menu": endpoint(get=CAPTURERS),
    "node_capture": endpoint(get=CAPTURERS, post=CAPTURERS),
    "node_counter": endpoint(get=CAPTURERS),
    "node_counter_data": endpoint(get=CAPTURERS),
    "node_counter_movements": endpoint(get=CAPTURERS),
    "node_counter_movements_data": endpoint(get=CAPTURERS),
    "node_counter_worker": endpoint(get=CAPTURERS),
    "node_counter_manifest": endpoint(get=CAPTURERS),
    "node_counter_sync": endpoint(post=CAPTURERS),
    "node_counter_miner": endpoint(post=CAPTURERS),
    "node_counter_consent": endpoint(post=CAPTURERS),
    "node_receipt": endpoint(get=EVERYONE),
    "node_receipt_paper": endpoint(get=EVERYONE),
    "node_book": endpoint(get=EVERYONE),
    # Whoever only keeps the accounts reads the workbooks: what is applied is reported.
    "node_sheets": endpoint(get=EVERYONE, post=CAPTURERS),
    "node_sheet": endpoint(get=EVERYONE, post=CAPTURERS),
    "node_documents": endpoint(get=EVERYONE, post=CAPTURERS),
    "node_withdraw": endpoint(get=CAPTURERS, post=CAPTURERS),
    "node_export_pack": endpoint(get=EVERYONE),
    "node_bundle": endpoint(get=OWN_BOOKS),
    "node_unsettled": endpoint(get=EVERYONE),
    "node_dismiss": endpoint(get=MANAGERS, post=MANAGERS),
    # Whoever may report takes a report back: the hub keeps both, each with who asked for it here.
    "node_undo": endpoint(get=CAPTURERS, post=CAPTURERS),
    "node_offers": endpoint(get=EVERYONE),
    "node_offer": endpoint(get=EVERYONE, post=CAPTURERS),
    "node_sheet_file": endpoint(get=EVERYONE),
    "node_sheet_template": endpoint(get=EVERYONE),
}

PERMISSIONS: Mapping[str, Row] = {
    **SIGN_IN,
    **{name: row for name, row in OWN_ACCOUNT.items() if name != "access_purpose"},
    **PAGES,
}
