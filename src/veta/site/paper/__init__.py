"""Papers: PDF made by typst from the same values that pages and API give. PDF/UA-1: readable aloud."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import typst

# A template imports what all share by its path from here: `/site/paper/base.typ`.
ROOT = Path(__file__).parents[2]
_one_at_a_time = Lock()
Standard = Literal["a-3a", "ua-1"]


def paper(template: Path, data: Mapping[str, Any], *, standards: Sequence[Standard] = ("ua-1",)) -> bytes:
    """The PDF of a template of the product, filled with JSON values; only the fonts that typst itself carries.

    `standards`: what it conforms to; typst refuses to write a paper that does not.
    """
    with _one_at_a_time:
        made = typst.compile(
            str(template), root=str(ROOT), sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            format="pdf", pdf_standards=list(standards), ignore_system_fonts=True,
        )  # fmt: skip
    return bytes(made)
