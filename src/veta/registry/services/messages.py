"""The port by which the hub reaches a person by itself, and its adapter for a console."""

import sys
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings

from veta.kernel.errors import DomainError
from veta.registry.queries.actors import Contact


class MessageNotSent(DomainError):
    """The message could not be handed over; what it announced stands, and may be asked for again."""

    code = "CON-015"


class MessagePort(Protocol):
    """Whoever carries short messages: a gateway of SMS and voice, a mail server, the console of a demo."""

    def send(self, contact: Contact, text: str) -> None:
        """Hand over one message, or raise MessageNotSent with the remedy."""
        ...

    def call(self, contact: Contact, said: str) -> None:
        """Have a voice call the number and say these words, or raise MessageNotSent with the remedy."""
        ...


class ConsoleMessages:
    """Writes messages to standard error: for a demo or a first installation, where nobody's phone is at stake."""

    def send(self, contact: Contact, text: str) -> None:
        """Write the message on one line, with the channel and the last two characters of the address only."""
        print(f"[{contact.channel} …{contact.value[-2:]}] {text}", file=sys.stderr, flush=True)

    def call(self, contact: Contact, said: str) -> None:
        """Write what a voice would say, on one line."""
        print(f"[llamada …{contact.value[-2:]}] {said}", file=sys.stderr, flush=True)


def message_port() -> MessagePort:
    """The installation's port: the console, of a hub that only its own machine reaches.

    A gateway is the installer's to attach here. Raises MessageNotSent elsewhere: a code that is written to a server's
    log is no secret between the hub and the person.
    """
    if urlsplit(settings.PUBLIC_ORIGIN).hostname not in ("127.0.0.1", "::1", "localhost"):
        raise MessageNotSent(
            "Esta instalación aún no tiene por dónde enviar mensajes ni llamar. Use la tarjeta y el PIN de la"
            " persona, o pida a quien administra la plataforma que conecte un servicio de mensajes y llamadas."
        )
    return ConsoleMessages()
