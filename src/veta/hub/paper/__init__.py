"""Papers: PDF made by typst from the same values that pages and API give. PDF/UA-1: readable aloud."""

import json
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

import typst

HERE = Path(__file__).parent
_one_at_a_time = Lock()


def paper(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template beside this module, filled with JSON values; only the fonts that typst itself carries."""
    with _one_at_a_time:
        made = typst.compile(
            str(HERE / template), root=str(HERE), sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            format="pdf", pdf_standards=["ua-1"], ignore_system_fonts=True,
        )  # fmt: skip
    return bytes(made)
