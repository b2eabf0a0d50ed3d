"""Codes are written to a console only where nobody but its own machine reaches the hub."""

from typing import Any

import pytest

from veta.registry.services.messages import ConsoleMessages, MessageNotSent, message_port


@pytest.mark.parametrize(
    ("origin", "sent"),
    [
        ("http://127.0.0.1:8600", True),
        ("http://localhost:8600", True),
        ("http://[::1]:8600", True),
        ("https://trazabilidad.example", False),
        ("http://127.0.0.1.example", False),
        ("http://10.0.0.7:8600", False),
    ],
)
def test_the_console_serves_its_own_machine_alone(settings: Any, origin: str, sent: bool) -> None:
    settings.PUBLIC_ORIGIN = origin
    if sent:
        assert isinstance(message_port(), ConsoleMessages)
    else:
        with pytest.raises(MessageNotSent) as refused:
            message_port()
        assert refused.value.code == "CON-015"
