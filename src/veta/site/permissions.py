"""The one table of permissions: every endpoint of the project × every method × who. What is not here is refused.

The key is the name of the URL, with its namespace. Where one path carries several names (one for each method), the row
goes under the first. An endpoint added without a row breaks the build; `docs/permissions.md` is generated from here.
"""

from collections.abc import Mapping

from veta.site.access import ACCOUNT, ACCOUNT_NOW, OPERATOR, PUBLIC, SESSION, Row, by, endpoint
from veta.site.roles import Role

EVERY_ROLE = by(*Role)
ADMINISTRATOR = by(Role.ADMINISTRATOR)
ADMINISTRATOR_NOW = by(Role.ADMINISTRATOR, step_up=True)

OPEN_PAGES: dict[str, Row] = {
    "home": endpoint(get=PUBLIC),
    "health": endpoint(get=PUBLIC),
    "accessibility": endpoint(get=PUBLIC),
    "legal": endpoint(get=PUBLIC),
    "set_language": endpoint(post=PUBLIC),
}

SIGN_IN: dict[str, Row] = {
    "account_login": endpoint(get=PUBLIC, post=PUBLIC),
    "mfa_login_webauthn": endpoint(get=PUBLIC, post=PUBLIC),
    "mfa_authenticate": endpoint(get=PUBLIC, post=PUBLIC),
    "account_inactive": endpoint(get=PUBLIC),
    "account_reset_password": endpoint(get=PUBLIC, post=PUBLIC),
    "account_reset_password_done": endpoint(get=PUBLIC),
    "account_reset_password_from_key": endpoint(get=PUBLIC, post=PUBLIC),
    "account_reset_password_from_key_done": endpoint(get=PUBLIC),
    # Also ends a sign-in that stopped before the second factor, when there is no session yet.
    "account_logout": endpoint(get=PUBLIC, post=PUBLIC),
}

OWN_ACCOUNT: dict[str, Row] = {
    "mfa_index": endpoint(get=SESSION),
    "mfa_activate_totp": endpoint(get=SESSION, post=SESSION),
    "mfa_add_webauthn": endpoint(get=SESSION, post=SESSION),
    "account_reauthenticate": endpoint(get=SESSION, post=SESSION),
    "mfa_reauthenticate": endpoint(get=SESSION, post=SESSION),
    "mfa_reauthenticate_webauthn": endpoint(get=SESSION, post=SESSION),
    "mfa_deactivate_totp": endpoint(get=ACCOUNT, post=ACCOUNT),
    "mfa_list_webauthn": endpoint(get=ACCOUNT),
    "mfa_edit_webauthn": endpoint(get=ACCOUNT, post=ACCOUNT),
    "mfa_remove_webauthn": endpoint(get=ACCOUNT, post=ACCOUNT),
    "mfa_view_recovery_codes": endpoint(get=ACCOUNT_NOW),
    "mfa_download_recovery_codes": endpoint(get=ACCOUNT_NOW),
    "mfa_generate_recovery_codes": endpoint(get=ACCOUNT_NOW, post=ACCOUNT_NOW),
    "account_change_password": endpoint(get=ACCOUNT, post=ACCOUNT),
    "account_set_password": endpoint(get=ACCOUNT, post=ACCOUNT),
    "access_purpose": endpoint(get=EVERY_ROLE, post=EVERY_ROLE),
}

ADMINISTRATION: dict[str, Row] = {
    "people": endpoint(get=ADMINISTRATOR),
    "people_file": endpoint(get=ADMINISTRATOR),
    "person": endpoint(get=ADMINISTRATOR),
    "person_invite": endpoint(get=ADMINISTRATOR, post=ADMINISTRATOR),
    "person_invite_again": endpoint(get=ADMINISTRATOR, post=ADMINISTRATOR),
    "person_state": endpoint(get=ADMINISTRATOR_NOW, post=ADMINISTRATOR_NOW),
    "role_queue": endpoint(get=ADMINISTRATOR),
    "role_propose": endpoint(get=ADMINISTRATOR_NOW, post=ADMINISTRATOR_NOW),
    "role_decide": endpoint(get=ADMINISTRATOR_NOW, post=ADMINISTRATOR_NOW),
    "role_revoke": endpoint(get=ADMINISTRATOR_NOW, post=ADMINISTRATOR_NOW),
}

# Who decides on a bond reads it: the page goes back there.
BONDS_READ = by(Role.OVERSIGHT, Role.ROYALTIES, Role.SIGNER, Role.LEGAL, Role.AUDITOR)
BONDS_WRITE = by(Role.OVERSIGHT)
# What the authority decides on a bond is an act: its signer's, or oversight's with the second factor just proved.
BONDS_DECIDE = by(Role.OVERSIGHT, Role.SIGNER, step_up=True)
SETTLEMENTS_WRITE = by(Role.ROYALTIES)
PRICES_READ = by(Role.ROYALTIES, Role.OVERSIGHT, Role.AUDITOR)
# Public calculators need no account; each address has its limit. Entering prices and approving them take two persons.
OBLIGATIONS: dict[str, Row] = {
    "bond_calculate": endpoint(get=PUBLIC),
    "bond_save": endpoint(post=PUBLIC),
    "bond_check": endpoint(get=PUBLIC),
    "bond_saved": endpoint(get=PUBLIC),
    "bond_paper": endpoint(get=PUBLIC),
    "bond_petition": endpoint(get=PUBLIC),
    "royalty_calculate": endpoint(get=PUBLIC),
    "royalty_paper": endpoint(get=PUBLIC),
    "royalty_history": endpoint(get=PUBLIC),
    "royalty_chart": endpoint(get=PUBLIC),
    "bond_desk": endpoint(get=BONDS_READ),
    "bond_require": endpoint(get=BONDS_WRITE, post=BONDS_WRITE),
    "bond_coherence": endpoint(get=BONDS_READ),
    "bond_life": endpoint(get=BONDS_READ),
    "bond_present": endpoint(get=BONDS_WRITE, post=BONDS_WRITE),
    "bond_decide": endpoint(get=BONDS_DECIDE, post=BONDS_DECIDE),
    "bond_draw": endpoint(get=BONDS_DECIDE, post=BONDS_DECIDE),
    "settlement_desk": endpoint(get=PRICES_READ),
    "settlement_draft": endpoint(get=SETTLEMENTS_WRITE, post=SETTLEMENTS_WRITE),
    "settlement": endpoint(get=PRICES_READ),
    "settlement_paper": endpoint(get=PRICES_READ),
    "settlement_declare": endpoint(get=SETTLEMENTS_WRITE, post=SETTLEMENTS_WRITE),
    "settlement_pay": endpoint(get=SETTLEMENTS_WRITE, post=SETTLEMENTS_WRITE),
    "withholding_desk": endpoint(get=PRICES_READ, post=SETTLEMENTS_WRITE),
    "withholding_book": endpoint(get=PRICES_READ),
    "price_list": endpoint(get=PUBLIC),
    "price_desk": endpoint(get=PRICES_READ),
    "price_enter": endpoint(get=by(Role.ROYALTIES), post=by(Role.ROYALTIES)),
    "price_decide": endpoint(get=PRICES_READ, post=by(Role.ROYALTIES, step_up=True)),
}

LOG: dict[str, Row] = {
    name: endpoint(get=PUBLIC) for name in ("log_checkpoint", "log_keys", "log_proof", "log_consistency", "log_tile")
}

# Whoever watches the mineral reads it; a title is an insurer's business too. An actor's page asks for the purpose.
DESK_READ = by(Role.OVERSIGHT, Role.ROYALTIES, Role.SIGNER, Role.LEGAL, Role.REGISTRY, Role.AUDITOR)
TITLES_READ = by(
    Role.OVERSIGHT, Role.ROYALTIES, Role.SIGNER, Role.LEGAL, Role.REGISTRY, Role.AUDITOR, Role.INSURER
)  # fmt: skip
PEOPLE_READ = by(Role.OVERSIGHT, Role.ROYALTIES, Role.LEGAL, Role.REGISTRY, Role.AUDITOR)
SEARCH = by(
    Role.OVERSIGHT, Role.ROYALTIES, Role.SIGNER, Role.LEGAL, Role.REGISTRY, Role.AUDITOR, Role.INSURER, Role.IT
)  # fmt: skip
OPERATORS_READ = by(Role.OVERSIGHT, Role.SIGNER, Role.IT, Role.LEGAL, Role.REGISTRY, Role.AUDITOR)
KEYS_DECIDE = by(Role.IT, Role.SIGNER, step_up=True)
OPERATOR_STATUS = by(Role.SIGNER, step_up=True)
REGISTRY_READ = by(Role.REGISTRY, Role.SIGNER, Role.OVERSIGHT, Role.LEGAL, Role.AUDITOR)
REGISTRY_WRITE = by(Role.REGISTRY)
REGISTRY_DECIDE = by(Role.REGISTRY, Role.SIGNER, step_up=True)
QUEUE_READ = by(
    Role.OVERSIGHT, Role.ROYALTIES, Role.SIGNER, Role.IT, Role.LEGAL, Role.REGISTRY, Role.AUDITOR, Role.ADMINISTRATOR
)  # fmt: skip
EXCESS_READ = by(Role.OVERSIGHT, Role.LEGAL, Role.AUDITOR)
ACTS_WRITE = by(Role.OVERSIGHT)
ACTS_DECIDE = by(Role.OVERSIGHT, Role.SIGNER, step_up=True)
DESK: dict[str, Row] = {
    "desk_home": endpoint(get=EVERY_ROLE),
    "desk_days": endpoint(get=EVERY_ROLE),
    "desk_chart": endpoint(get=EVERY_ROLE),
    "desk_places": endpoint(get=EVERY_ROLE),
    "desk_map": endpoint(get=EVERY_ROLE),
    # A document is searched for in a body, so that no address carries it; nothing is written.
    "desk_search": endpoint(get=SEARCH, post=PEOPLE_READ),
    "desk_queue": endpoint(get=QUEUE_READ),
    "desk_access_log": endpoint(get=by(Role.AUDITOR)),
    "desk_movements": endpoint(get=DESK_READ),
    "desk_movement": endpoint(get=DESK_READ),
    "desk_lot": endpoint(get=DESK_READ),
    "desk_lot_origins": endpoint(get=DESK_READ),
    "desk_trace": endpoint(get=DESK_READ),
    "desk_title": endpoint(get=TITLES_READ),
    "desk_actor": endpoint(get=PEOPLE_READ),
    "desk_stock": endpoint(get=PEOPLE_READ),
    "desk_acts": endpoint(get=DESK_READ),
    "desk_act": endpoint(get=DESK_READ, post=ACTS_DECIDE),
    "desk_suspend": endpoint(get=ACTS_WRITE, post=ACTS_WRITE),
    "desk_lift": endpoint(get=ACTS_WRITE, post=ACTS_WRITE),
    "desk_undo": endpoint(get=ACTS_WRITE, post=ACTS_WRITE),
    "desk_seize": endpoint(get=ACTS_WRITE, post=ACTS_WRITE),
    "desk_seize_found": endpoint(get=ACTS_WRITE, post=ACTS_WRITE),
    "desk_accredit": endpoint(get=ACTS_WRITE, post=ACTS_WRITE),
    "desk_excesses": endpoint(get=EXCESS_READ),
    "desk_dossier": endpoint(get=EXCESS_READ),
    "desk_operators": endpoint(get=OPERATORS_READ),
    "desk_operator_enrol": endpoint(get=KEYS_DECIDE, post=KEYS_DECIDE),
    "desk_operator": endpoint(get=OPERATORS_READ),
    "desk_operator_status": endpoint(get=OPERATOR_STATUS, post=OPERATOR_STATUS),
    "desk_key_record": endpoint(get=KEYS_DECIDE, post=KEYS_DECIDE),
    "desk_key_approve": endpoint(get=KEYS_DECIDE, post=KEYS_DECIDE),
    "desk_key_revoke": endpoint(get=KEYS_DECIDE, post=KEYS_DECIDE),
    "desk_proposals": endpoint(get=REGISTRY_READ),
    "desk_enter_title": endpoint(get=REGISTRY_WRITE, post=REGISTRY_WRITE),
    "desk_enter_plan": endpoint(get=REGISTRY_WRITE, post=REGISTRY_WRITE),
    "desk_proposal": endpoint(get=REGISTRY_READ, post=REGISTRY_DECIDE),
    "desk_imports": endpoint(get=REGISTRY_READ),
    "desk_import_upload": endpoint(get=REGISTRY_WRITE, post=REGISTRY_WRITE),
    # The rows are people's: who decides on them reads them, and nobody else.
    "desk_import": endpoint(get=by(Role.REGISTRY, Role.SIGNER), post=REGISTRY_DECIDE),
    "desk_renewals": endpoint(get=REGISTRY_READ),
    # A registration takes one officer (ADR 0042), with the factor just proved: it decides who may trade.
    "desk_renewal": endpoint(get=by(Role.REGISTRY, step_up=True), post=by(Role.REGISTRY, step_up=True)),
}

# What a miner answers is read by this role alone, with the second factor just proved.
REPORTS = by(Role.LEGAL, step_up=True)
# A miner has no account: a link of the hub's message, or card and PIN, opens the own page for a quarter of an hour.
MINER: dict[str, Row] = {
    "miner_start": endpoint(get=PUBLIC, post=PUBLIC),
    "miner_link": endpoint(get=PUBLIC),
    "miner_card": endpoint(get=PUBLIC, post=PUBLIC),
    "miner_page": endpoint(get=PUBLIC),
    "miner_answer": endpoint(post=PUBLIC),
    "miner_done": endpoint(get=PUBLIC),
    "miner_lost": endpoint(get=PUBLIC, post=PUBLIC),
    "miner_leave": endpoint(post=PUBLIC),
    "miner_reports": endpoint(get=REPORTS),
    "miner_report": endpoint(get=REPORTS, post=REPORTS),
}

CASES_READ = by(Role.OVERSIGHT, Role.LEGAL, Role.ROYALTIES, Role.REGISTRY, Role.AUDITOR)
CASES_WRITE = by(Role.OVERSIGHT)
# The Vicepresidencia's outcome; what sets a date for the title takes a second person, each with the factor just proved.
CASES_DECIDE = by(Role.OVERSIGHT, step_up=True)
OVERSIGHT: dict[str, Row] = {
    "validation_ask": endpoint(get=PUBLIC, post=PUBLIC),
    "validation_status": endpoint(get=PUBLIC),
    "validation_desk": endpoint(get=CASES_READ),
    "validation_open": endpoint(get=CASES_WRITE, post=CASES_WRITE),
    "validation_case": endpoint(get=CASES_READ),
    "validation_petition": endpoint(get=CASES_READ),
    "validation_decide": endpoint(get=CASES_DECIDE, post=CASES_DECIDE),
    "validation_require": endpoint(get=CASES_DECIDE, post=CASES_DECIDE),
    "validation_settle": endpoint(get=CASES_DECIDE, post=CASES_DECIDE),
    "bound_unlinked": endpoint(get=CASES_READ),
}

# Certificates and loads are checked by anyone who holds their code, which is the key; each address has its limit.
VERIFICATION: dict[str, Row] = {
    "certificate": endpoint(get=PUBLIC),
    "certificate_paper": endpoint(get=PUBLIC),
    "certificate_json": endpoint(get=PUBLIC),
    "certificate_proof": endpoint(get=PUBLIC),
    "certificate_origins": endpoint(get=PUBLIC),
    "certificate_origins_json": endpoint(get=PUBLIC),
    "certificate_origins_pdf": endpoint(get=PUBLIC),
    "certificate_status": endpoint(get=PUBLIC),
    "certificate_reader": endpoint(get=PUBLIC),
    "certificate_worker": endpoint(get=PUBLIC),
    "certificate_known": endpoint(get=PUBLIC),
    "road_pack": endpoint(get=PUBLIC),
    "road_paper": endpoint(get=PUBLIC),
}

MAYOR_ONLY = by(Role.MAYOR)
SEATS_READ = by(Role.REGISTRY, Role.SIGNER, Role.AUDITOR)
SEATS_WRITE = by(Role.REGISTRY, Role.SIGNER, step_up=True)
# A mayor's account sees the people of the municipality that two persons gave it, and no others.
MAYOR: dict[str, Row] = {
    "mayor_home": endpoint(get=MAYOR_ONLY, post=MAYOR_ONLY),
    "mayor_enrol": endpoint(get=MAYOR_ONLY, post=MAYOR_ONLY),
    "mayor_report": endpoint(get=MAYOR_ONLY),
    "mayor_seize": endpoint(get=MAYOR_ONLY, post=by(Role.MAYOR, step_up=True)),
    "mayor_seize_found": endpoint(get=MAYOR_ONLY, post=by(Role.MAYOR, step_up=True)),
    "mayor_person": endpoint(get=MAYOR_ONLY),
    "mayor_renew": endpoint(get=MAYOR_ONLY, post=MAYOR_ONLY),
    "mayor_cancel": endpoint(get=MAYOR_ONLY, post=MAYOR_ONLY),
    "mayor_card": endpoint(get=MAYOR_ONLY, post=MAYOR_ONLY),
    "mayor_seats": endpoint(get=SEATS_READ),
    "mayor_seat_propose": endpoint(get=SEATS_WRITE, post=SEATS_WRITE),
    "mayor_seat": endpoint(get=SEATS_WRITE, post=SEATS_WRITE),
}

CALLS_READ = by(
    Role.OVERSIGHT, Role.ROYALTIES, Role.SIGNER, Role.IT, Role.LEGAL, Role.COMMUNICATIONS, Role.AUDITOR
)  # fmt: skip
CALLS_EVALUATE = by(Role.OVERSIGHT, Role.ROYALTIES, Role.IT, Role.LEGAL)
# What a firm handed in: who evaluates, and who audits; what came with an appeal, who signs its decision too.
CALLS_DOSSIERS = by(Role.OVERSIGHT, Role.ROYALTIES, Role.IT, Role.LEGAL, Role.AUDITOR, Role.SIGNER)
CALLS_SETUP = by(Role.OVERSIGHT)
CALLS_SERVICES = by(Role.OVERSIGHT, Role.IT)
CALLS_PREPARE = by(Role.COMMUNICATIONS, Role.OVERSIGHT)
CALLS_SIGN = by(Role.SIGNER, step_up=True)
CALLS_PROPOSE = by(Role.OVERSIGHT, Role.LEGAL)
# The call for operators: its public page; an applicant's own pages, for the account that owns the application.
CALLS: dict[str, Row] = {
    "call_list": endpoint(get=PUBLIC),
    "call_operators": endpoint(get=PUBLIC),
    "call_format": endpoint(get=PUBLIC),
    "call_public": endpoint(get=PUBLIC),
    "call_json": endpoint(get=PUBLIC),
    "call_act": endpoint(get=PUBLIC),
    "call_annex": endpoint(get=PUBLIC),
    "call_ask": endpoint(get=PUBLIC, post=PUBLIC),
    "call_account": endpoint(get=PUBLIC, post=PUBLIC),
    "call_register": endpoint(get=ACCOUNT, post=ACCOUNT),
    "call_mine": endpoint(get=ACCOUNT),
    "call_own_act": endpoint(get=ACCOUNT),
    "calls_own_act": endpoint(get=CALLS_READ),
    "call_contacts": endpoint(get=ACCOUNT_NOW, post=ACCOUNT_NOW),
    "call_submit": endpoint(get=ACCOUNT, post=ACCOUNT),
    "call_withdraw": endpoint(get=ACCOUNT, post=ACCOUNT),
    "call_observe": endpoint(get=ACCOUNT, post=ACCOUNT),
    "call_receive": endpoint(get=ACCOUNT, post=ACCOUNT),
    "call_credentials": endpoint(get=ACCOUNT_NOW, post=ACCOUNT_NOW),
    "call_keys": endpoint(get=ACCOUNT, post=ACCOUNT_NOW),
    "call_appeal": endpoint(get=ACCOUNT, post=ACCOUNT),
    "call_receipt": endpoint(get=ACCOUNT),
    "call_document": endpoint(get=ACCOUNT),
    "call_item": endpoint(get=ACCOUNT, post=ACCOUNT),
    "call_item_remove": endpoint(post=ACCOUNT),
    # A run of the test format: of the firm that is tested, and of the team that evaluates it.
    "call_run": endpoint(get=ACCOUNT, post=ACCOUNT),
    "call_run_scenario": endpoint(get=ACCOUNT),
    "calls_run_open": endpoint(get=CALLS_EVALUATE, post=CALLS_EVALUATE),
    "calls_run": endpoint(get=CALLS_EVALUATE, post=CALLS_EVALUATE),
    "calls_run_scenario": endpoint(get=CALLS_EVALUATE),
    "calls_run_drop": endpoint(get=CALLS_EVALUATE, post=CALLS_EVALUATE),
    "calls_desk": endpoint(get=CALLS_READ),
    "calls_new": endpoint(get=CALLS_SETUP, post=CALLS_SETUP),
    "calls_revise": endpoint(get=CALLS_SETUP, post=CALLS_SETUP),
    "calls_services": endpoint(get=CALLS_SERVICES, post=CALLS_SERVICES),
    "calls_call": endpoint(get=CALLS_READ),
    "calls_export": endpoint(get=by(Role.LEGAL, Role.AUDITOR, step_up=True)),
    "calls_archive": endpoint(get=by(Role.LEGAL, Role.AUDITOR, step_up=True)),
    "calls_team": endpoint(get=CALLS_SETUP, post=CALLS_SETUP),
    "calls_requirement": endpoint(get=CALLS_SETUP, post=CALLS_SETUP),
    "calls_prepare": endpoint(get=CALLS_PREPARE, post=CALLS_PREPARE),
    "calls_addendum": endpoint(get=CALLS_PREPARE, post=CALLS_PREPARE),
    "calls_sign": endpoint(get=CALLS_SIGN, post=CALLS_SIGN),
    "calls_answer_question": endpoint(get=CALLS_PREPARE, post=CALLS_PREPARE),
    "calls_application": endpoint(get=CALLS_READ),
    "calls_document": endpoint(get=CALLS_DOSSIERS),
    "calls_interest": endpoint(get=CALLS_EVALUATE, post=CALLS_EVALUATE),
    "calls_judge": endpoint(get=CALLS_EVALUATE, post=CALLS_EVALUATE),
    "calls_cures": endpoint(get=CALLS_EVALUATE, post=CALLS_EVALUATE),
    "calls_answer": endpoint(get=CALLS_EVALUATE, post=CALLS_EVALUATE),
    "calls_attempt": endpoint(get=CALLS_EVALUATE, post=CALLS_EVALUATE),
    "calls_deliver": endpoint(get=CALLS_EVALUATE, post=CALLS_EVALUATE),
    "calls_notice": endpoint(get=CALLS_PREPARE, post=CALLS_PREPARE),
    "calls_act": endpoint(get=CALLS_PROPOSE, post=CALLS_PROPOSE),
    "calls_appeal": endpoint(get=CALLS_PROPOSE, post=CALLS_PROPOSE),
    "calls_settle": endpoint(get=CALLS_SIGN, post=CALLS_SIGN),
}

API: dict[str, Row] = {
    "api:openapi-json": endpoint(get=PUBLIC),
    "api:api-root": endpoint(),
    "api:report": endpoint(post=OPERATOR),
    "api:check": endpoint(post=OPERATOR),
    "api:show": endpoint(get=OPERATOR),
    "api:confirm": endpoint(post=OPERATOR),
    "api:withdraw": endpoint(post=OPERATOR),
    "api:ask_consent": endpoint(post=OPERATOR),
    # One path, two methods: the row goes under the view that stands first.
    "api:propose_mandate": endpoint(get=OPERATOR, post=OPERATOR),
    "api:confirm_mandate": endpoint(post=OPERATOR),
    "api:end_mandate": endpoint(delete=OPERATOR),
    "api:actor_lookup": endpoint(post=OPERATOR),
    "api:balance_query": endpoint(post=OPERATOR),
    "api:title": endpoint(get=OPERATOR),
    "api:lot_shown": endpoint(get=OPERATOR),
    "api:lot_origins": endpoint(get=OPERATOR),
    "api:lot_trace": endpoint(get=OPERATOR),
    "api:issue_certificate": endpoint(post=OPERATOR),
    "api:certificate_shown": endpoint(get=OPERATOR),
    "api:withdraw_certificate": endpoint(post=OPERATOR),
    "api:minerals": endpoint(get=PUBLIC),
    "api:municipalities": endpoint(get=PUBLIC),
    "api:norm_list": endpoint(get=PUBLIC),
    "api:ask_validation": endpoint(post=OPERATOR),
    "api:quote_bond": endpoint(post=PUBLIC),
    "api:quote_royalty": endpoint(post=PUBLIC),
    "api:price_list": endpoint(get=PUBLIC),
    "api:hub_key_list": endpoint(get=PUBLIC),
    "api:propose_key": endpoint(get=OPERATOR, post=OPERATOR),
    "api:revoke_key": endpoint(delete=OPERATOR),
    "api:events": endpoint(get=OPERATOR),
    "api:set_webhook": endpoint(get=OPERATOR, put=OPERATOR, delete=OPERATOR),
}

PERMISSIONS: Mapping[str, Row] = {
    **OPEN_PAGES,
    **SIGN_IN,
    **OWN_ACCOUNT,
    **ADMINISTRATION,
    **OBLIGATIONS,
    **DESK,
    **MINER,
    **OVERSIGHT,
    **VERIFICATION,
    **MAYOR,
    **CALLS,
    **LOG,
    **API,
}
