"""How the law names persons, titles and municipalities: documents, plates (placas), DIVIPOLA codes."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from stdnum.co import nit

from veta.kernel.errors import DomainError

DocumentType = Literal["NIT", "CC", "CE", "PPT", "PA"]
DOCUMENT_TYPES: tuple[DocumentType, ...] = get_args(DocumentType)

_NIT_WITH_CHECK = re.compile(r"([0-9]+)-([0-9])").fullmatch
_DIVIPOLA = re.compile(r"[0-9]{5}").fullmatch
_LENGTHS: Mapping[DocumentType, tuple[int, int]] = {"NIT": (3, 15), "CC": (3, 10), "CE": (3, 12), "PPT": (3, 12)}
NUMBERS: Mapping[DocumentType, tuple[str, str]] = MappingProxyType(
    {
        type: (f"[1-9][0-9]{{{shortest - 1},{longest - 1}}}",
               f"El número de {type} lleva solo dígitos, de {shortest} a {longest}. Revíselo.")
        for type, (shortest, longest) in _LENGTHS.items()
    }
    | {"PA": ("[0-9A-Z]{4,20}", "El número de pasaporte lleva de 4 a 20 letras o dígitos. Revíselo.")}
)  # fmt: skip
"""By type, the pattern of a normalised number and what is said of any other."""
WRONG_CHECK = "El dígito de verificación no corresponde a ese NIT. Revise el número."
_WHOLE = {type: re.compile(pattern).fullmatch for type, (pattern, _) in NUMBERS.items()}
_SEPARATORS = {ord(c): None for c in ". \u00a0"}
_HYPHENS = {ord(c): "-" for c in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\u00ad\u2043"}
_MAX_TITLE = 40


class IdentityError(DomainError):
    """A document, title code or municipality code that cannot be what it says; IDE-002 is a wrong check digit."""

    code = "IDE-003"


@dataclass(frozen=True, slots=True)
class Document:
    """A person's document: its type and its number without separators, leading zeros or check digit."""

    type: DocumentType
    number: str


def document(type: str, number: str, check: str | None = None) -> Document:
    """The document that the three fields name, normalised so that one document has one spelling.

    Dots and blanks are dropped, leading zeros too (not a passport's); a NIT may carry its check digit after a hyphen.
    The NIT's check digit is verified where it is given (DIAN, module 11, by python-stdnum). Raises IdentityError:
    IDE-002 for a check digit that does not match, IDE-003 for an unknown type or a number that cannot be of that type.
    """
    if type not in DOCUMENT_TYPES:
        raise IdentityError(f"No se conoce ese tipo de documento. Use uno de: {', '.join(DOCUMENT_TYPES)}.")
    if not isinstance(number, str) or not (check is None or isinstance(check, str)):
        raise IdentityError("El número del documento y su dígito van como texto, entre comillas.")
    if not (number.isascii() and number.isdigit() and number[0] != "0"):
        number, check = _normalised(type, number, check)
    _require_shape(type, number)
    if check is not None:
        _require_check(type, number, check)
    return Document(type, number)


def _normalised(type: str, number: str, check: str | None) -> tuple[str, str | None]:
    number = number.translate(_HYPHENS).translate(_SEPARATORS).upper()
    if type == "PA":
        return number.replace("-", ""), check
    joined = _NIT_WITH_CHECK(number) if type == "NIT" else None
    if joined is not None:
        number, inner = joined.groups()
        if check is not None and check != inner:
            raise IdentityError("El NIT trae dos dígitos de verificación distintos. Deje uno.", code="IDE-002")
        check = inner
    return number.lstrip("0"), check


def _require_shape(type: DocumentType, number: str) -> None:
    if _WHOLE[type](number) is None:
        raise IdentityError(NUMBERS[type][1])


def _require_check(type: str, number: str, check: str) -> None:
    if type != "NIT":
        raise IdentityError(f"Un documento {type} no tiene dígito de verificación. Quite ese campo.")
    if nit.calc_check_digit(number) != check:
        raise IdentityError(WRONG_CHECK, code="IDE-002")


def title_code(text: str) -> str:
    """The one spelling of a title's code (placa): trimmed, upper case, any Unicode hyphen as `-`; otherwise opaque.

    No pattern is asked of it: 71 shapes exist among the real ones, and only the register says which code is a title's.
    Raises IdentityError where nothing is left, or where it is too long or carries control or direction characters.
    """
    if not isinstance(text, str):
        raise IdentityError("El código del título va como texto, entre comillas.")
    code = text.strip()
    if not code.isascii():
        code = unicodedata.normalize("NFC", code.translate(_HYPHENS))
    code = code.upper()
    if not code or len(code) > _MAX_TITLE or not code.isprintable():
        raise IdentityError("El código del título está vacío, es muy largo o trae caracteres invisibles. Revíselo.")
    return code


def divipola(text: str) -> str:
    """A DIVIPOLA code: five ASCII digits, as text («05001»). That it exists is the register's to say."""
    if not isinstance(text, str) or _DIVIPOLA(text) is None:
        raise IdentityError("El municipio va con los cinco dígitos de DIVIPOLA, como texto: «05001».")
    return text
