"""Background work of the hub: what nobody's request would do in time."""

from uuid import UUID

from procrastinate.contrib.django import app

from veta.kernel.clock import SystemClock
from veta.movements import services
from veta.operators.services.hub_keys import hub_signer
from veta.operators.services.nonces import sweep
from veta.registry.services.messages import message_port


@app.task
def tell_miners(movements: list[str]) -> int:
    """Tell each miner of what was reported in his name."""
    return services.tell_miners([UUID(movement) for movement in movements], port=message_port())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="lapse_offers", pass_context=False)
def lapse_offers(timestamp: int) -> int:
    """End offers past their term, so that the mineral they held is free and both parties can be told."""
    return services.lapse_overdue(clock=SystemClock(), signer=hub_signer())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="sweep_nonces", pass_context=False)
def sweep_nonces(timestamp: int) -> int:
    """Forget the nonces of signatures that expired long ago."""
    return sweep(SystemClock().now())
