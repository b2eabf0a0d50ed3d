"""Whether this node can do its work: each thing that it needs, looked at once, with what to do where it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime

import httpx
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min
from django.utils.translation import gettext as _

from veta.kernel.clock import SystemClock
from veta.kernel.errors import DomainError
from veta.kernel.ids import uuid7
from veta.node.connect import SANDBOX, credentials, open_hub
from veta.node.domain.records import OPEN, State
from veta.node.domain.spoken import moment
from veta.node.models import OutboxItem
from veta.node.services.identities import require_known_keys
from veta.node.transport import HubRefused, HubUnreachable

SKEW = 30.0
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: how it stands, and the remedy where it does not."""

    what: str
    good: bool
    said: str
    remedy: str = ""


def examine() -> Iterator[Finding]:
    """Look at key, hub, clock, rights, database, its keys, sender and queue, in this order; one finding each."""
    looks: tuple[tuple[str, Callable[[], Finding]], ...] = (
        (_("Llave"), _key), (_("Plataforma"), _hub), (_("Reloj"), _clock), (_("Permisos de la llave"), _rights),
        (_("Base de datos"), _database), (_("Claves de la base de datos"), _keys), (_("Envío"), _sender),
        (_("Cola"), _queue),
    )  # fmt: skip
    for what, look in looks:
        try:
            yield look()
        except (DomainError, DatabaseError, httpx.HTTPError, OSError) as trouble:
            yield Finding(what, False, *_told(trouble))


def _told(trouble: Exception) -> tuple[str, str]:
    """What stopped a look, and what to do about it."""
    url = settings.NODE_HUB_URL
    if isinstance(trouble, HubRefused):
        return trouble.message[:300], _of_refusal(trouble)
    cause = trouble.__cause__ if isinstance(trouble, HubUnreachable) else trouble
    if isinstance(cause, httpx.HTTPError):
        return _("{url} no responde").format(url=url), _(
            "Abra esa dirección en un navegador de esta máquina. Si no abre, revise la red, el cortafuegos o "
            "VETA_HUB_URL; si abre, repita. Lo capturado no se pierde: sale cuando la plataforma responda."
        )
    if isinstance(trouble, HubUnreachable):
        return _("en {url} responde otra cosa, no la plataforma").format(url=url), _(
            "Revise VETA_HUB_URL; si es la correcta, abra un navegador: tal vez la red pide iniciar sesión."
        )
    if isinstance(trouble, DatabaseError):
        return str(trouble).strip()[:300], _(
            "Revise que PostgreSQL esté abierto y, si es suyo, VETA_NODE_DATABASE_URL."
        )
    return str(trouble)[:300], _("Corrija lo que dice y repita.")


def _of_refusal(refused: HubRefused) -> str:
    """What to do where the hub answers no, by what it found."""
    if "SIG-002" in refused.finding_codes:
        return _(
            "La PTM no recibe esta llave para esto: pida a la ANM que la registre y la apruebe, o ponga en la carpeta "
            "«operators» la que está vigente. Una de recuperación no sirve para reportar."
        )
    if "SIG-003" in refused.finding_codes:
        return _("La firma llega fuera de su hora: sincronice el reloj de esta máquina (NTP) y repita.")
    if "SIG-001" in refused.finding_codes:
        return _(
            "La firma no corresponde con la dirección pública de la plataforma: ponga en VETA_HUB_ORIGIN la que ella "
            "publica, sin nada después del puerto, y revise qué cambia lo que se envía por el camino."
        )
    if refused.status == 429 or refused.status >= 500:
        return _("Es de la plataforma y pasa: repita en unos minutos. Lo capturado no se pierde.")
    return _("Revise VETA_HUB_URL y lo que dice; si sigue, escriba a la mesa de la plataforma con este aviso.")


def _key() -> Finding:
    return Finding(_("Llave"), True, credentials().key_id)


def _hub() -> Finding:
    minerals = sum(1 for _each in open_hub(deadline=PATIENCE).minerals()) if settings.NODE_HUB_URL != SANDBOX else 0
    return Finding(_("Plataforma"), True, f"{settings.NODE_HUB_URL}, {minerals} " + _("minerales en su catálogo"))


def _clock() -> Finding:
    if settings.NODE_HUB_URL == SANDBOX:
        return Finding(_("Reloj"), True, _("ensayo: no hay con qué comparar"))
    answer = httpx.head(f"{settings.NODE_HUB_URL}/salud", timeout=PATIENCE, trust_env=False)
    said = answer.headers.get("Date")
    if said is None:
        return Finding(_("Reloj"), True, _("la plataforma no dice su hora"))
    ahead = (SystemClock().now() - parsedate_to_datetime(said)).total_seconds()
    remedy = _("Sincronice el reloj de esta máquina (NTP): la PTM no recibe firmas de más de 60 s por delante.")
    return Finding(_("Reloj"), abs(ahead) <= SKEW, _("{n:+.0f} s frente a la plataforma").format(n=ahead), remedy)


def _rights() -> Finding:
    """A signed read, and a signed call of the kind that writes, which writes nothing."""
    if settings.NODE_HUB_URL == SANDBOX:
        return Finding(_("Permisos de la llave"), True, _("ensayo: no se piden"))
    hub = open_hub(deadline=PATIENCE)
    states = {each["keyid"]: each["state"] for each in hub.keys()}  # noqa: SIM118 - the hub's list, no dict
    hub.check([{"id": str(uuid7()), "kind": "production"}])
    state = states.get(credentials().key_id, "")
    remedy = _("Pida a la ANM que apruebe esta llave, o use la que está vigente.")
    return Finding(_("Permisos de la llave"), state == "live", _("lee y reporta; estado: ") + (state or "?"), remedy)


def _database() -> Finding:
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    said = _("al día") if not missing else _("faltan migraciones")
    return Finding(_("Base de datos"), not missing, said, _("Ejecute «veta node migrate»."))


def _keys() -> Finding:
    require_known_keys()
    return Finding(_("Claves de la base de datos"), True, _("son las suyas"))


def _sender() -> Finding:
    """Whether some process holds the sender's lock; taken and given back at once where none does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext('node.sender'))")
        free = bool(cursor.fetchone()[0])
        if free:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('node.sender'))")
    said = _("en marcha") if not free else _("nadie envía")
    return Finding(_("Envío"), not free, said, _("Abra el nodo con «veta serve node»."))


def _queue() -> Finding:
    waiting = OutboxItem.objects.filter(state__in=[state.value for state in OPEN])
    dead = OutboxItem.objects.filter(state=State.DEAD.value).count()
    oldest: datetime | None = waiting.aggregate(first=Min("record__received_at"))["first"]
    since = f", {moment(oldest)}" if oldest else ""
    said = _("{n} por enviar{since}; {dead} para revisar").format(n=waiting.count(), since=since, dead=dead)
    return Finding(_("Cola"), dead == 0, said, _("Abra el cliente en el nodo: cada registro dice su causa."))
