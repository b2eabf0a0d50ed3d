"""The world in the registry: loaded by its services, once, all of it or nothing, its keys kept apart."""

import stat
from pathlib import Path

import pytest

from veta.demo.country import demo_country
from veta.demo.keep import DemoRefused, key_path
from veta.demo.load import OFFICERS, ready_world
from veta.demo.world import LAPSED_ON
from veta.operators.models import KeyApproval, Operator
from veta.registry.models import ActorDocument, TitleVersion, WorksPlanVersion
from veta.registry.queries import mandates_of, registrations_of, titles_by_code


def quiet(_: str) -> None:
    """Say nothing."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.mark.django_db
def test_the_world_is_loaded_once(home: Path) -> None:
    world, new = ready_world(home, demo_country(), seed=1, say=quiet)
    assert new
    documents = ActorDocument.objects.count()
    assert documents == 40 + 300 + 6 + 12 + 3 + 2
    again, new = ready_world(home, demo_country(), seed=2, say=quiet)
    assert not new
    assert again == world, "a home keeps the world that it was first loaded with"
    assert ActorDocument.objects.count() == documents


@pytest.mark.django_db
def test_titles_and_plans_are_acts_of_two_fictitious_officers(home: Path) -> None:
    world, _ = ready_world(home, demo_country(), seed=1, say=quiet)
    for model in (TitleVersion, WorksPlanVersion):
        assert set(model.objects.values_list("recorded_by", "approved_by")) == {OFFICERS}
        assert model.objects.exclude(act__startswith="DEMO-").count() == 0
    titles = titles_by_code([title.code for title in world.titles])
    assert len(titles) == 40
    assert all(versions[0].environmental_instrument for versions in titles.values())


@pytest.mark.django_db
def test_everybody_gave_a_mandate_and_one_trader_let_its_registration_lapse(home: Path) -> None:
    world, _ = ready_world(home, demo_country(), seed=1, say=quiet)
    operators = dict(Operator.objects.values_list("code", "id"))
    for code, id in operators.items():
        clients = {actor.id for actor in world.parties() if code in actor.operators}
        assert {actor for actor, versions in mandates_of(clients, id).items() if versions} == clients
    held = registrations_of([actor.id for actor in world.parties()])
    ends = {version.valid_to for versions in held.values() for version in versions}
    assert len(held) == 361
    assert ends == {None, LAPSED_ON}


@pytest.mark.django_db
def test_keys_are_the_owners_alone_and_two_officers_approved_them(home: Path) -> None:
    ready_world(home, demo_country(), seed=1, say=quiet)
    for code in ("DEMO-A", "DEMO-B"):
        assert stat.S_IMODE(key_path(home, code).stat().st_mode) == 0o600
    assert set(KeyApproval.objects.values_list("officer", flat=True)) == set(OFFICERS)


@pytest.mark.django_db
def test_a_lost_key_or_a_lost_world_is_said_with_its_remedy(home: Path, tmp_path: Path) -> None:
    ready_world(home, demo_country(), seed=1, say=quiet)
    key_path(home, "DEMO-A").unlink()
    with pytest.raises(DemoRefused, match="llaves"):
        ready_world(home, demo_country(), seed=1, say=quiet)
    with pytest.raises(DemoRefused, match="Restáurelo"):
        ready_world(tmp_path / "other", demo_country(), seed=1, say=quiet)
