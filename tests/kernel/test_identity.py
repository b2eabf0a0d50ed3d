import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.co import nit

from veta.kernel.identity import DOCUMENT_TYPES, Document, IdentityError, divipola, document, title_code


@pytest.mark.parametrize(
    ("type", "number", "check", "normal"),
    [
        ("NIT", "900500018", "2", "900500018"),
        ("NIT", "900.500.018", "2", "900500018"),
        ("NIT", "900500018-2", None, "900500018"),
        ("NIT", "900.500.018\u20112", None, "900500018"),
        ("NIT", "900500018", None, "900500018"),
        ("CC", "79123456", None, "79123456"),
        ("CC", "0079.123.456", None, "79123456"),
        ("CC", "1234567890", None, "1234567890"),
        ("CE", "423456", None, "423456"),
        ("PPT", "5123456", None, "5123456"),
        ("PA", "ab 123-456", None, "AB123456"),
        ("PA", "00123", None, "00123"),
    ],
)
def test_one_document_has_one_spelling(type, number, check, normal):
    assert document(type, number, check) == Document(type, normal)


@pytest.mark.parametrize(
    ("type", "number", "check", "code"),
    [
        ("NIT", "900500018", "3", "IDE-002"),
        ("NIT", "900500018", "", "IDE-002"),
        ("NIT", "900500018", "02", "IDE-002"),
        ("NIT", "900500018-2", "3", "IDE-002"),
        ("NIT", "900500018-3", None, "IDE-002"),
        ("NIT", "", None, "IDE-003"),
        ("NIT", "90050001A", None, "IDE-003"),
        ("NIT", "12", None, "IDE-003"),
        ("CC", "12345678901", None, "IDE-003"),
        ("CC", "٣٤٥٦٧", None, "IDE-003"),
        ("CC", "0", None, "IDE-003"),
        ("CC", "79123456", "2", "IDE-003"),
        ("PA", "A B", None, "IDE-003"),
        ("PA", "ÁB1234", None, "IDE-003"),
        ("TI", "1234567", None, "IDE-003"),
        ("NIT", 900500018, None, "IDE-003"),
        ("NIT", "900500018", 2, "IDE-003"),
    ],
)
def test_refuses_what_cannot_be_a_document(type, number, check, code):
    with pytest.raises(IdentityError) as refused:
        document(type, number, check)
    assert refused.value.code == code


@given(number=st.integers(min_value=100, max_value=10**15 - 1).map(str))
def test_only_the_right_check_digit_passes(number):
    right = nit.calc_check_digit(number)
    for check in "0123456789":
        if check == right:
            assert document("NIT", number, check).number == number
        else:
            with pytest.raises(IdentityError):
                document("NIT", number, check)


@given(type=st.sampled_from(DOCUMENT_TYPES), number=st.text(max_size=25))
def test_normalising_twice_changes_nothing(type, number):
    try:
        once = document(type, number)
    except IdentityError:
        return
    assert document(once.type, once.number) == once


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("  hfth-01 ", "HFTH-01"),
        ("003\u201017", "003-17"),
        ("003\u201117", "003-17"),
        ("003\u201317", "003-17"),
        ("003\u201417", "003-17"),
        ("003\u221217", "003-17"),
        ("ia8\uff0d15251", "IA8-15251"),
        ("00011", "00011"),
        ("demo-001", "DEMO-001"),
    ],
)
def test_a_title_code_has_one_spelling(written, code):
    assert title_code(written) == code


@pytest.mark.parametrize("written", ["", "   ", "A\x00B", "A\u202eB", "A\u200bB", "A" * 41, "A\tB", None, 11])
def test_refuses_what_cannot_be_a_title_code(written):
    with pytest.raises(IdentityError):
        title_code(written)


@given(st.text(max_size=45))
def test_a_normal_title_code_stays(text):
    try:
        code = title_code(text)
    except IdentityError:
        return
    assert title_code(code) == code


@pytest.mark.data
def test_every_real_title_code_is_kept_apart(data_dir):
    with (data_dir / "anm_rucom_titulos_2026-07_enmascarado.csv").open(encoding="utf-8-sig", newline="") as file:
        written = {row["codigo_expediente"] for row in csv.DictReader(file)}
    assert len(written) == 2807
    normal = {title_code(code) for code in written}
    assert len(normal) == len({code.strip().upper() for code in written})
    for hyphen in "\u2010\u2011\u2013\u2212":
        assert {title_code(f" {code.lower().replace('-', hyphen)} ") for code in written} == normal


@pytest.mark.parametrize("text", ["05001", "99999", "00000"])
def test_divipola_is_five_digits(text):
    assert divipola(text) == text


@pytest.mark.parametrize("text", ["5001", "050010", "O5001", " 05001", "05001\n", "٠٥٠٠١", "", 5001, None])
def test_refuses_what_cannot_be_divipola(text):
    with pytest.raises(IdentityError):
        divipola(text)
