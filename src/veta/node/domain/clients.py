"""What a client can be, and how its mandate stands."""

from enum import StrEnum


class ClientKind(StrEnum):
    """The kinds of actor that an operator brings to the hub."""

    PRODUCER = "producer"
    SUBSISTENCE = "subsistence"
    TRADER = "trader"
    PLANT = "plant"
    EXPORTER = "exporter"
    CONSUMER = "consumer"


# Who buys of subsistence miners, as far as a page offers it; whether it may is its registration's to say, at the hub.
BUYERS = (ClientKind.TRADER.value, ClientKind.PLANT.value, ClientKind.EXPORTER.value, ClientKind.CONSUMER.value)


class Document(StrEnum):
    """The identity documents that the hub knows."""

    NIT = "NIT"
    CC = "CC"
    CE = "CE"
    PPT = "PPT"
    PA = "PA"


class MandateState(StrEnum):
    """How a mandate stands, as far as this node knows; only `in_force` lets anything be sent."""

    NONE = "none"
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    ENDED = "ended"
