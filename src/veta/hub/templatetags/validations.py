"""What a validation's state and outcome are called, from the one table of their words."""

from django import template

from veta.hub.desk.tables import Cell, Text
from veta.hub.obligation_tables import CASE_STATES, OPENERS, OUTCOMES

register = template.Library()


@register.filter
def case_state(state: str) -> Cell:
    """The badge of where a case stands."""
    label, tone = CASE_STATES[state]
    return Cell(label, tone=tone)


@register.filter
def outcome_name(outcome: str) -> Text:
    """What an outcome says."""
    return OUTCOMES[outcome]


@register.filter
def opener_name(opener: str) -> Text:
    """Who asked."""
    return OPENERS[opener]
