from uuid import UUID

import pytest
import rfc8785
from hypothesis import example, given
from hypothesis import strategies as st

from veta.kernel.canonical_json import canonical

TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers(min_value=-(2**53) + 1, max_value=2**53 - 1) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=5))


@given(VALUES)
@example({"\ue000": 1, "\U0001f600": 2, "é": 3, "z": {"\uffff": 0, "\U00010000": 1}})
@example({"a": '\x00\x1f\x7f\u2028"\\/\b\t\n\f\r', "": [], "b": {}})
def test_agrees_with_the_reference_library(value):
    assert canonical(value) == rfc8785.dumps(value)


@pytest.mark.parametrize(
    "value",
    [1.5, float("nan"), {"a": [1, {"b": 0.0}]}, 2**53, -(2**53), {1: "a"}, {"a": (1,)}, b"a", UUID(int=0), "\ud800",
     {"\udfff": 1}, {"a": {"b": {1, 2}}}],
)  # fmt: skip
def test_refuses_what_has_no_canonical_form(value):
    with pytest.raises(TypeError):
        canonical(value)
