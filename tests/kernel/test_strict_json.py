"""Strict reading: refused is what the input contract refuses, everything else is read as the plain reader reads it."""

import contextlib
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from veta.kernel import strict_json
from veta.kernel.strict_json import StrictJsonError, body_of, fit_for_identifier, frame_of, parse, parse_batch

REFUSED = {
    "bad UTF-8": b'{"a": "\xff"}',
    "overlong UTF-8": b'{"a": "\xc0\xaf"}',
    "surrogate in UTF-8": b'{"a": "\xed\xa0\x80"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "raw NUL in a string": b'{"a": "x\x00"}',
    "raw NUL outside": b'{"a": 1}\x00',
    "escaped NUL": b'{"a": "x\\u0000"}',
    "escaped NUL in a key": b'{"a\\u0000": 1}',
    "lone high surrogate": b'{"a": "\\ud800"}',
    "lone low surrogate": b'{"a": "\\udc00x"}',
    "surrogates in the wrong order": b'{"a": "\\udc00\\ud800"}',
    "lone surrogate deep in a list": b'{"a": [1, ["\\ud800"]]}',
    "duplicate key": b'{"a": 1, "a": 1}',
    "duplicate key, one escaped": b'{"a": 1, "\\u0061": 2}',
    "duplicate key deep down": b'{"b": [{"a": 1, "c": 2, "a": 3}]}',
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "minus Infinity": b'{"a": -Infinity}',
    "float that overflows": b'{"a": 1e999}',
    "integer of 5,000 digits": b'{"a": ' + b"9" * 5000 + b"}",
    "control character in a string": b'{"a": "x\ny"}',
    "not NFC": '{"a": "Bogota\u0301"}'.encode(),
    "not NFC in a key": '{"Bogota\u0301": 1}'.encode(),
    "not NFC by escape": b'{"a": "Bogota\\u0301"}',
    "not NFC, a singleton": '{"a": "\u212b"}'.encode(),
    "trailing data": b'{"a": 1} {}',
    "trailing comma": b'{"a": 1,}',
    "comment": b'{"a": 1} // x',
    "single quotes": b"{'a': 1}",
    "leading zero": b'{"a": 01}',
    "leading plus": b'{"a": +1}',
    "bare point": b'{"a": 1.}',
    "Arabic digit": '{"a": ٣}'.encode(),
    "bad escape": b'{"a": "\\x41"}',
    "short escape": b'{"a": "\\u41"}',
    "unclosed string": b'{"a": "x',
    "unclosed object": b'{"a": 1',
    "no-break space outside": '{"a":\u00a01}'.encode(),
    "form feed outside": b'{"a":\x0c1}',
    "empty": b"",
    "blank": b" \n",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_refuses(body: bytes) -> None:
    with pytest.raises(StrictJsonError) as refused:
        parse(body)
    assert refused.value.code == "SCH-020"
    assert refused.value.findings[0].severity == "blocking"
    wrapped = b'{"movements": [' + body + b"]}"
    with pytest.raises(StrictJsonError):
        parse_batch(wrapped, "movements")


def nested(depth: int) -> bytes:
    return b"[" * depth + b"]" * depth


@pytest.mark.parametrize("between", [b"", b'"]",', b'"[{",', b'"\\"[",', b'"\\\\",', b'"\\\\\\"]",'])
@pytest.mark.parametrize(("depth", "accepted"), [(15, True), (16, True), (17, False), (100_000, False)])
def test_depth_counts_brackets_outside_strings(depth: int, accepted: bool, between: bytes) -> None:
    body = (b"[" + between) * (depth - 1) + b"[]" + b"]" * (depth - 1)
    if accepted:
        assert parse(body) == json.loads(body)
        return
    with pytest.raises(StrictJsonError, match="16 niveles"):
        parse(body)


@pytest.mark.parametrize("body", [b"[" * 17, b"{" * 1_000_000, b"[" * 1_000_000 + b"]", b'{"a":' * 20, nested(17)])
def test_depth_of_what_is_not_closed(body: bytes) -> None:
    with pytest.raises(StrictJsonError):
        parse(body)


def test_brackets_in_strings_are_no_depth() -> None:
    body = json.dumps({"a": "[" * 50, "b": "{" * 50, '"[[[': '\\"' + "[" * 50}).encode()
    assert parse(body) == json.loads(body)


@pytest.mark.parametrize(("size", "accepted"), [(99, True), (100, True), (101, False)])
def test_size(size: int, accepted: bool) -> None:
    body = b'"' + b"x" * (size - 2) + b'"'
    if accepted:
        assert parse(body, max_bytes=100) == "x" * (size - 2)
        return
    with pytest.raises(StrictJsonError) as refused:
        parse(body, max_bytes=100)
    assert refused.value.code == "SCH-021"


@pytest.mark.parametrize(("count", "code"), [(0, "SCH-022"), (1, None), (999, None), (1000, None), (1001, "SCH-022")])
def test_count(count: int, code: str | None) -> None:
    body = json.dumps({"movements": [{"n": n} for n in range(count)]}).encode()
    if code is None:
        items, raw = parse_batch(body, "movements")
        assert [item["n"] for item in items] == list(range(count)) == [json.loads(piece)["n"] for piece in raw]
        return
    with pytest.raises(StrictJsonError) as refused:
        parse_batch(body, "movements")
    assert refused.value.code == code


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b'"movements"',
        b"{}",
        b'{"movements": {}}',
        b'{"movements": [1]}',
        b'{"movements": [{}, []]}',
        b'{"movements": [{}], "other": 1}',
        b'{"other": 1, "movements": [{}]}',
        b'{"movements": [{}], "movements": [{}]}',
        b'{"movements": [{}]',
        b'{"movements": [{}]}}',
        b'{"movements": [{},]}',
        b'{"movements": [,{}]}',
        b'{"movements": [{}] {}}',
        b'{"movements" [{}]}',
        b"{movements: [{}]}",
    ],
)
def test_batch_shape(body: bytes) -> None:
    with pytest.raises(StrictJsonError) as refused:
        parse_batch(body, "movements")
    assert refused.value.code in {"SCH-020", "SCH-022"}


def test_numbers_are_left_to_the_schema() -> None:
    value = parse(b'{"a": 12, "b": 1.5, "c": -0, "d": 1e3}')
    assert value == {"a": 12, "b": 1.5, "c": 0, "d": 1000.0}
    assert [type(number) for number in value.values()] == [int, float, int, float]


def test_an_escaped_backslash_before_u0000_is_plain_text() -> None:
    assert parse(b'"\\\\u0000 \\\\ud800"') == "\\u0000 \\ud800"


@pytest.mark.parametrize(
    "body", [b'{"\\udead": 1, "movements": [{}]}', b'{"\\udead": 1, "\\udead": 2, "movements": [{}]}']
)
@pytest.mark.parametrize("read", [parse, lambda body: parse_batch(body, "movements")])
def test_a_refusal_is_text_even_where_the_key_is_none(read: Callable[[bytes], object], body: bytes) -> None:
    with pytest.raises(StrictJsonError) as refused:
        read(body)
    (finding,) = refused.value.findings
    assert (finding.field + finding.message).encode()


def test_messages_name_the_key_and_the_remedy() -> None:
    with pytest.raises(StrictJsonError) as refused:
        parse(b'{"quantity": "1", "quantity": "2"}')
    assert refused.value.findings[0].field == "quantity"
    assert "Envíe" in refused.value.message


@pytest.mark.parametrize(
    ("text", "fit"),
    [
        ("DEMO-001", True),
        ("003-17", True),
        ("Nariño 2", True),
        ("A\u202eB", False),
        ("A\u2066B", False),
        ("A\u200fB", False),
        ("A\u061cB", False),
        ("A\u200bB", False),
        ("A\tB", False),
        ("A\x85B", False),
        ("A\ufeffB", False),
    ],
)
def test_identifiers(text: str, fit: bool) -> None:
    assert fit_for_identifier(text) is fit


characters = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
texts = st.text(characters, max_size=12)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
blanks = st.text(" \t\r\n", max_size=3)


def normalised(value: object) -> bool:
    text = json.dumps(value, ensure_ascii=False)
    return strict_json.unicodedata.is_normalized("NFC", text)


def depth_of(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@settings(max_examples=400)
@given(value=values, escaped=st.booleans(), indent=st.none() | st.integers(0, 2))
def test_agrees_with_the_plain_reader(value: object, escaped: bool, indent: int | None) -> None:
    body = json.dumps(value, ensure_ascii=escaped, indent=indent).encode()
    if normalised(value) and depth_of(value) <= 16:
        assert parse(body) == json.loads(body)
    else:
        with pytest.raises(StrictJsonError):
            parse(body)


@settings(max_examples=400)
@given(body=st.binary(max_size=60) | st.text('{}[]",:\\u0a1e-. \n', max_size=40).map(str.encode))
def test_never_accepts_what_the_plain_reader_refuses(body: bytes) -> None:
    try:
        value = parse(body)
    except StrictJsonError:
        return
    assert value == json.loads(body)


@settings(max_examples=300)
@given(
    items=st.lists(st.dictionaries(texts, values, max_size=4).filter(normalised), min_size=1, max_size=6),
    gaps=st.lists(blanks, min_size=8, max_size=8),
    escaped=st.booleans(),
)
def test_frame_and_pieces_give_the_body_back(items: list[dict[str, object]], gaps: list[str], escaped: bool) -> None:
    written = [json.dumps(item, ensure_ascii=escaped) for item in items]
    listed = (gaps[4] + "," + gaps[5]).join(written)
    body = f'{gaps[0]}{{{gaps[1]}"movements"{gaps[2]}:{gaps[3]}[{listed}]{gaps[6]}}}{gaps[7]}'.encode()
    read, raw = parse_batch(body, "movements")
    assert read == json.loads(body)["movements"]
    assert raw == [piece.encode() for piece in written]
    frame = frame_of(body, raw)
    assert frame.count(b"\x00") == len(items)
    assert body_of(frame, raw) == body


written_plainly = st.lists(st.dictionaries(texts, values, max_size=4), min_size=1, max_size=4)
changes = st.sampled_from([b"", b'"', b"\\u0061", b",", b"1", b"0.", b"e9", b'"a":1,', b"{}", b"\\u0000", b" "])


@settings(max_examples=400)
@given(items=written_plainly, at=st.floats(0, 1), change=changes)
@example(items=[{"a": 1}], at=0.65, change=b'"a":1,')
def test_a_body_without_blanks_is_read_as_any_other(items: list[dict[str, object]], at: float, change: bytes) -> None:
    body = json.dumps({"movements": items}, ensure_ascii=False, separators=(",", ":")).encode()
    place = int(at * len(body))
    body = body[:place] + change + body[place:]

    def outcome(body: bytes) -> object:
        try:
            return repr(parse_batch(body, "movements"))  # as text: 1 and 1.0 are two values here
        except StrictJsonError as refused:
            return refused.code

    assert outcome(body) == outcome(body + b" ")  # the blank sends it to the strict reader


def test_equal_items_keep_their_places() -> None:
    body = b'{"movements":[{"a":{}},{},{"a":{}}, {} ]}'
    _, raw = parse_batch(body, "movements")
    assert raw == [b'{"a":{}}', b"{}", b'{"a":{}}', b"{}"]
    assert frame_of(body, raw) == b'{"movements":[\x00,\x00,\x00, \x00 ]}'
    assert body_of(frame_of(body, raw), raw) == body
    with pytest.raises(ValueError, match="cuts"):
        body_of(frame_of(body, raw), raw[:2])


WORST = {
    "openings": b"[" * 2**22,
    "closings": b"]" * 2**22,
    "pairs": b"[]" * 2**21,
    "quotes": b'"' * 2**22,
    "escaped quotes": b'"' + b'\\"' * (2**21 - 1) + b'"',
    "digits": b"9" * 2**22,
    "blanks": b" " * (2**22 - 1) + b"1",
    "marks": '"á'.encode() + "\u0316".encode() * (2**21 - 4) + b'"',
    "late duplicate": b"{" + b",".join(b'"k%d":1' % n for n in range(300_000)) + b',"k299999":1}',
}


@pytest.mark.parametrize("body", WORST.values(), ids=WORST.keys())
def test_no_body_of_four_mebibytes_takes_long(body: bytes) -> None:
    started = time.process_time()
    with contextlib.suppress(StrictJsonError):
        parse(body)
    assert time.process_time() - started < 2
