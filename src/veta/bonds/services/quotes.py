"""Quotes with what the database holds, the title's plan and the base prices in force; and those that were kept."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from veta.bonds import models
from veta.bonds.domain.answer import as_json
from veta.bonds.domain.case import Case
from veta.bonds.domain.quote import Quote, quote
from veta.bonds.domain.reading import read_case
from veta.bonds.domain.value import types_of
from veta.bonds.from_title import completed
from veta.bonds.queries import Quotation
from veta.kernel.canonical_json import canonical
from veta.kernel.codes import new_code
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


def save_quotation(value: object) -> Quotation:
    """Keep a quote under a new code, so that whoever holds its paper can check it. Raises CaseRefused.

    What is kept is the case as asked, and the answer of today. Effects: one row, never changed.
    """
    answer = answer_to(value)
    case = dict(value) if isinstance(value, Mapping) else {}
    kept = {"case": case, "answer": answer}
    row = models.Quotation.objects.create(
        code=new_code(), title_code=answer["title"] or "", case=case, answer=answer,
        digest=hashlib.sha256(canonical(kept)).digest(),
    )  # fmt: skip
    row.refresh_from_db()
    return Quotation(row.code, row.title_code, row.case, row.answer, row.recorded_at)
