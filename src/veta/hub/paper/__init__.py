"""Papers: PDF made by typst from the same values that pages and API give. PDF/UA-1: readable aloud."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Literal

import typst

HERE = Path(__file__).parent
_one_at_a_time = Lock()
Standard = Literal["a-3a", "ua-1"]


def paper(template: str, data: Mapping[str, Any], *, standards: Sequence[Standard] = ("ua-1",)) -> bytes:
    """The PDF of a template beside this module, filled with JSON values; only the fonts that typst itself carries.

    `standards`: what it conforms to; typst refuses to write a paper that does not.
    """
    with _one_at_a_time:
        made = typst.compile(
            str(HERE / template), root=str(HERE), sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            format="pdf", pdf_standards=list(standards), ignore_system_fonts=True,
        )  # fmt: skip
    return bytes(made)
