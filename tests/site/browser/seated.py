"""Run beside the browser's hub: a mayor's account with a municipality, and a session of hers."""

from __future__ import annotations

import json

from veta.cli.environment import open_django

if __name__ == "__main__":
    open_django()
    from django.conf import settings

    from tests.site.conftest import enrol, session_of
    from veta.hub.mayor.seats import decide_seat, propose_seat
    from veta.registry.queries import MunicipalityRecord, forget_municipalities
    from veta.registry.services import places
    from veta.site.models import User
    from veta.site.roles import Role
    from veta.site.services import create_account, decide_role, propose_role

    town = MunicipalityRecord("05736", "SEGOVIA", "ANTIOQUIA", "Municipio", None, None)
    places.record_municipalities([town], source="prueba")
    forget_municipalities()
    ana, luis = (User.objects.get(email=f"{name}@demo.invalid") for name in ("ana", "luis"))
    user = create_account(email="alcaldia@demo.invalid", name="Alcaldía Demo", created_by=ana)
    asked = propose_role(user=user, role=Role.MAYOR, reason="Prueba", proposed_by=ana)
    decide_role(asked.id, granted=True, reason="Prueba", decided_by=luis)
    enrol(user)
    seat = propose_seat(email=user.email, municipality=town.code, act="Credencial", by=ana)
    decide_seat(seat, granted=True, by=luis)
    name = settings.SESSION_COOKIE_NAME
    print(json.dumps({"cookie": name, "session": session_of(user).cookies[name].value}))
