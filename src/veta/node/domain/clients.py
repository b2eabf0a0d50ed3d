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
