"""The hour of the calls: the machine's, except on a database that a demonstration or a test marked as its own."""

from datetime import UTC, datetime

from django.db.models import F

from veta.calls.domain.refusals import refused
from veta.calls.models import ClockSetting, SimulatedDatabase
from veta.kernel.clock import SystemClock


def call_now() -> datetime:
    """The present of the calls: what the clock was last set to, and the time that passed since."""
    real = SystemClock().now()
    last = ClockSetting.objects.order_by(F("set_at").desc(), "-id").values_list("shows", "set_at").first()
    if last is None or last[0] is None:
        return real
    return last[0].astimezone(UTC) + (real - last[1])


def is_simulated() -> bool:
    """Whether this database says of itself that it is a demonstration's or a test's."""
    return SimulatedDatabase.objects.exists()


def set_clock(shows: datetime | None, *, by: str) -> datetime:
    """Set the calls' clock, or give it back to the machine with None; returns what it shows.

    Raises CAL-026 on a database that is no demonstration's: nobody moves the deadlines of a real call.
    """
    marked = SimulatedDatabase.objects.first()
    if marked is None:
        message = "Esta base de datos no es de demostración ni de prueba: su reloj no se cambia. Use un adendo."
        raise refused("CAL-026", message)
    ClockSetting.objects.create(simulation=marked, shows=shows, set_at=SystemClock().now(), set_by=by)
    return call_now()
