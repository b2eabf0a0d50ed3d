"""Reads of the registry, set-based: one statement for any number of keys, frozen values out."""

from veta.registry.queries.actors import (
    Contact,
    actors_by_source_key,
    actors_of,
    actors_of_source,
    contacts_of,
    documents_of,
    kinds_of,
    masked,
    names_of,
    public_names_of,
)
from veta.registry.queries.consents import consents_by_id, lock_consents
from veta.registry.queries.mandates import MandateRecord, clients_among, mandate_of_proposal, mandates_page
from veta.registry.queries.places import (
    MunicipalityRecord,
    forget_municipalities,
    known_municipalities,
    municipalities,
    municipalities_like,
)
from veta.registry.queries.versions import (
    mandate_versions,
    mandates_among,
    mandates_of,
    plan_versions,
    plans_of,
    registration_versions,
    registrations_for_title,
    registrations_of,
    title_versions,
    titles_by_code,
)

__all__ = [
    "Contact",
    "MandateRecord",
    "MunicipalityRecord",
    "actors_by_source_key",
    "actors_of",
    "actors_of_source",
    "clients_among",
    "consents_by_id",
    "contacts_of",
    "documents_of",
    "forget_municipalities",
    "kinds_of",
    "known_municipalities",
    "lock_consents",
    "mandate_of_proposal",
    "mandate_versions",
    "mandates_among",
    "mandates_of",
    "mandates_page",
    "masked",
    "municipalities",
    "municipalities_like",
    "names_of",
    "plan_versions",
    "plans_of",
    "public_names_of",
    "registration_versions",
    "registrations_for_title",
    "registrations_of",
    "title_versions",
    "titles_by_code",
]
