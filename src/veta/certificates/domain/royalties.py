"""What certificates of origin say of a quarter beside what its royalties declare (CER-001)."""

from collections.abc import Mapping

from veta.kernel.finding import Finding
from veta.kernel.quantity import text_of
from veta.norms.catalogue import catalogue

NORM = "DUR 1073 de 2015 art. 2.2.5.6.1.1.4"


def differences(certified: Mapping[str, int], declared: Mapping[str, int]) -> list[Finding]:
    """A finding for each mineral whose certificates and declaration differ, smallest units on both sides; never
    blocking: what was extracted may be certified in a later quarter, what is certified has to be declared."""
    found = []
    for code in sorted({*certified, *declared}):
        said, told = certified.get(code, 0), declared.get(code, 0)
        mineral = catalogue().mineral(code)
        if said == told or mineral is None:
            continue
        texts = {"certified": text_of(said, factor=mineral.factor), "declared": text_of(told, factor=mineral.factor)}
        message = (
            f"De {mineral.name} se certificaron {texts['certified']} {mineral.unit} y se declararon "
            f"{texts['declared']} {mineral.unit}. "
            + ("Declare lo que falta." if said > told else "Expida los certificados que falten, o explique.")
        )
        params = {"mineral": code, "unit": mineral.unit, **texts}
        found.append(Finding("CER-001", "warning" if said > told else "info", "lines", NORM, message, params))
    return found
