"""Background work of the hub: what nobody's request would do in time."""

from uuid import UUID

from django.db import transaction
from procrastinate import JobContext, RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Status

from veta.calls.domain.mails import Mail
from veta.calls.services.mail import send
from veta.calls.services.turns import tick
from veta.certificates.services import seal_pending
from veta.hub import webhooks
from veta.hub.miner import links
from veta.hub.miner.links import new_link
from veta.kernel.clock import SystemClock
from veta.movements import services
from veta.operators.services.hub_keys import hub_signer
from veta.operators.services.nonces import sweep
from veta.operators.services.webhooks import outbound
from veta.registry.services.messages import message_port
from veta.site.invitation import send_invitation
from veta.site.models import User
from veta.site.queries import addresses_of
from veta.site.roles import Role
from veta.site.services import create_account


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="tell_miners", lock="tell_miners", pass_context=False)
def tell_miners(timestamp: int) -> int:
    """Tell each miner, within seconds, of what was reported in his name; what a channel refuses is tried again."""
    unsent = services.tell_miners(port=message_port(), link=new_link)
    for movement in unsent:
        tell_miner.defer(movement=str(movement))
    return len(unsent)


@app.task(retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def tell_miner(movement: str) -> None:
    """Tell a miner what could not be told at once."""
    services.tell_miner(UUID(movement), port=message_port(), link=new_link)


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="tally", lock="tally", pass_context=False)
def tally(timestamp: int) -> int:
    """Count for the desk what the log has gained, so that its pages count seconds and not months."""
    return services.tally()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="lapse_offers", pass_context=False)
def lapse_offers(timestamp: int) -> int:
    """End offers past their term, so that the mineral they held is free and both parties can be told."""
    return services.lapse_overdue(clock=SystemClock(), signer=hub_signer())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="call_turns", lock="call_turns", pass_context=False)
def call_turns(timestamp: int) -> int:
    """Let each call for operators do what its hour asks: close what nobody handed in, and send the mail that is due."""
    return sum(tick(post_mail, press()))


def press() -> list[str]:
    """Who prepares what a call publishes."""
    return addresses_of(Role.COMMUNICATIONS)


def post_mail(mail: Mail) -> None:
    """Keep a mail of a call for the worker, in the caller's transaction."""
    firm = str(mail.application) if mail.application else ""
    mail_of_call.defer(application=firm, to=mail.to, subject=mail.subject, text=mail.text, former=mail.former)


@app.task(retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def mail_of_call(application: str, to: str, subject: str, text: str, former: str | None = None) -> None:
    """Send one mail of a call; what the mail server refuses is tried again, and stops nobody else's."""
    send(Mail("", UUID(application) if application else None, subject, text, to, former))


@app.task(retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def invite_applicant(email: str, name: str) -> None:
    """Make the account of who will apply and mail its link; an address that has one already gets nothing."""
    with transaction.atomic():
        if not User.objects.filter(email=email).exists():
            send_invitation(create_account(email=email, name=name, created_by=None))


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="seal_certificates", pass_context=False)
def seal_certificates(timestamp: int) -> int:
    """Sign the certificates whose intent is stored and that a power cut left unsigned."""
    return seal_pending(signer=hub_signer())


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="sweep_nonces", pass_context=False)
def sweep_nonces(timestamp: int) -> int:
    """Forget the nonces of signatures that expired long ago."""
    return sweep(SystemClock().now())


@app.periodic(cron="17 * * * *")
@app.task(queueing_lock="sweep_links", pass_context=False)
def sweep_links(timestamp: int) -> int:
    """Forget the links of miners' messages that lapsed."""
    return links.sweep(SystemClock().now())


# A webhook that does not take a page is tried again after 4, 16, 64 s and so on: it is dead a day after the first time.
DAY_LONG = RetryStrategy(max_attempts=8, exponential_wait=4, retry_exceptions=[webhooks.NotTaken])
A_MINUTE = RetryStrategy(max_attempts=3, exponential_wait=3, retry_exceptions=[webhooks.NotTaken])


@app.task(retry=A_MINUTE, pass_context=True)
def prove_webhook(context: JobContext, webhook: str) -> None:
    """Challenge a webhook that was asked for: four times within a minute, then it is none."""
    try:
        webhooks.prove(UUID(webhook), caller=outbound())
    except webhooks.NotTaken:
        if _last(context, A_MINUTE):
            webhooks.give_up(UUID(webhook), cause="unproved")
        raise


@app.periodic(cron="* * * * * */10")
@app.task(queueing_lock="follow_log", pass_context=False)
def follow_log(timestamp: int) -> int:
    """Have each webhook that is behind called: one job each, however many commits there were."""
    found = {f"webhook {webhook}": webhook for webhook in webhooks.behind()}
    busy = ProcrastinateJob.objects.filter(lock__in=list(found), status__in=("todo", "doing"))
    for name in found.keys() - set(busy.values_list("lock", flat=True)):
        deliver_webhook.configure(lock=name).defer(webhook=str(found[name]))
    return len(found)


@app.task(retry=DAY_LONG, pass_context=True)
def deliver_webhook(context: JobContext, webhook: str) -> int:
    """Send a webhook what it was not told; ended as dead about a day after the first page that it did not take."""
    try:
        return webhooks.deliver(UUID(webhook), caller=outbound())
    except webhooks.NotTaken:
        if _last(context, DAY_LONG):
            webhooks.give_up(UUID(webhook), cause="dead")
        raise


def _last(context: JobContext, strategy: RetryStrategy) -> bool:
    return context.job.attempts >= (strategy.max_attempts or 0)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="take_up_again", pass_context=False)
async def take_up_again(timestamp: int) -> int:
    """Take up the jobs of a worker that was killed: what they hold would stay locked for ever."""
    found = list(await app.job_manager.get_stalled_jobs())
    for job in found:
        try:
            await app.job_manager.retry_job(job)
        except ConnectorException:  # another one of its kind waits already: that one does what was left
            await app.job_manager.finish_job(job, status=Status.FAILED, delete_job=True)
    return len(found)
