"""Background work of the hub: what nobody's request would do in time."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from veta.kernel.clock import SystemClock
from veta.movements import services
from veta.operators.services.hub_keys import hub_signer
from veta.operators.services.nonces import sweep
from veta.registry.services.messages import message_port


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="tell_miners", lock="tell_miners", pass_context=False)
def tell_miners(timestamp: int) -> int:
    """Tell each miner, within seconds, of what was reported in his name; what a channel refuses is tried again."""
    unsent = services.tell_miners(port=message_port())
    for movement in unsent:
        tell_miner.defer(movement=str(movement))
    return len(unsent)


@app.task(retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def tell_miner(movement: str) -> None:
    """Tell a miner what could not be told at once."""
    services.tell_miner(UUID(movement), port=message_port())


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
