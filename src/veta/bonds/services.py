"""Quotes with what the database holds: the title's plan and the base prices in force."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from veta.bonds.domain.answer import as_json
from veta.bonds.domain.case import Case
from veta.bonds.domain.quote import Quote, quote
from veta.bonds.domain.reading import read_case
from veta.bonds.domain.value import types_of
from veta.bonds.from_title import completed
from veta.kernel.period import contract_year_of
from veta.norms.catalogue import catalogue
from veta.prices.queries import book_for


def quote_of(value: object) -> Quote:
    """The quote of a case as JSON values, completed from its title. Raises CaseRefused with every finding."""
    whole, named = completed(value)
    case = replace(read_case(whole), from_plan=named)
    return quote(case, book_for(set(_asked(case))))


def answer_to(value: object) -> dict[str, Any]:
    """The quote as the API answers it. Raises CaseRefused."""
    return as_json(quote_of(value))


def _asked(case: Case) -> Iterator[tuple[str, date]]:
    """The (mineral, day) pairs whose prices a case may need: those of a heading's types too."""
    days = {case.starts_on}
    if case.contract_date is not None:
        days.add(contract_year_of(case.starts_on, anniversary=case.contract_date).start)
    for base in (case.base, case.change):
        for production in base.production if base else ():
            mineral = catalogue().mineral(production.mineral)
            if mineral is None:
                continue
            codes = [kind.code for kind in types_of(mineral.code)] if mineral.is_heading else [mineral.code]
            priced = {*codes, *([mineral.metal] if mineral.metal else [])}
            yield from ((code, day) for code in priced for day in days)
