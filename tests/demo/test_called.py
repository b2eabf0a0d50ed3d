"""The demonstration's call stands in its middle: the list is published, the term to cure is open, its clock says so."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from tests.conftest import FreshDatabase
from veta.calls.domain.call import CURING
from veta.calls.queries import find_call, replay
from veta.calls.services.clock import call_now
from veta.demo.called import CODE, ready_call
from veta.demo.officers import ready_applicant, ready_officers

STATES = {"evaluada": 5, "por_subsanar": 2, "subsanada": 1}


@pytest.mark.usefixtures("fresh_database")
def test_the_call_is_in_its_middle_and_made_once(tmp_path: Path, fresh_database: FreshDatabase) -> None:
    assert ready_call(False) == ""
    ready_officers(tmp_path)
    ready_applicant(tmp_path)
    spent = time.process_time()
    assert ready_call(True) == CODE
    print(f"call of the demo: {time.process_time() - spent:.1f} s of one core")
    call = find_call(CODE)
    assert call is not None
    assert Counter(each.state for each in call.applications.values()) == STATES
    assert call.timetable.activity(CURING, call_now()).state_at(call_now()) == "open"
    assert [act.kind for act in call.published] == ["invitation", "preliminary", "answers"]
    assert replay(call.id).wrong == ()
    last = call.last
    assert ready_call(True) == CODE
    again = find_call(CODE)
    assert again is not None
    assert again.last == last
    page = Client().get(reverse("call_public", args=[CODE])).content.decode()
    assert "Demostración: las empresas son ficticias" in page
    assert "2026-04-20 09:0" in page
