"""The derived gold price: both figures worked from means given as inputs with their source; and what is not derived."""

from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import pytest

from veta.prices.domain.derive import MeanPrice, MeanTrm, NotDerivable, derive, mean_trm
from veta.prices.series import derive_from

# World Bank, Commodity Price Data (The Pink Sheet), gold, May 2025: average of the London afternoon fixing.
MAY = MeanPrice(date(2025, 5, 1), "3309.49", "World Bank, The Pink Sheet (2026-06-02)", fixing=True)
# Superfinanciera, TRM (datos.gov.co 32sa-8pi3), mean over calendar days: 31 of May, 30 of June.
TRM_MAY = MeanTrm(date(2025, 5, 1), Fraction("130304.69") / 31, "Superfinanciera")
TRM_JUNE = MeanTrm(date(2025, 6, 1), Fraction("123404.55") / 30, "Superfinanciera")
JUNE = date(2025, 6, 1)


def test_june_2025_at_the_mean_trm_of_may() -> None:
    assert round(TRM_MAY.value, 4) == Fraction("4203.3771")
    found = derive("oro", month=JUNE, price=MAY, trm=TRM_MAY)
    # 3.309,49 × 0,8 × 4.203,3771 (sin redondear) ÷ 31,1034768 = 357.800,1149…
    assert found.cop_per_gram == "357800.11"
    assert "4203.3771" in " ".join(found.steps)
    assert "31.1034768" in " ".join(found.steps)
    assert found.steps[-1] == "Indicativo: el precio base lo fija la UPME."


def test_june_2025_at_the_mean_trm_of_june() -> None:
    assert derive("oro", month=JUNE, price=MAY, trm=TRM_JUNE).cop_per_gram == "350148.31"


def test_silver_has_no_afternoon_fixing() -> None:
    with pytest.raises(NotDerivable) as refused:
        derive("plata", month=JUNE, price=MAY, trm=TRM_MAY)
    assert refused.value.code == "PRI-020"


def test_a_series_that_is_not_the_fixing_is_refused() -> None:
    spot = MeanPrice(JUNE, "3352.66", "World Bank", fixing=False)
    with pytest.raises(NotDerivable) as refused:
        derive("oro", month=date(2025, 7, 1), price=spot, trm=TRM_JUNE)
    assert refused.value.code == "PRI-020"


def test_the_mean_needs_a_rate_for_every_calendar_day() -> None:
    days = [date(2025, 6, 1) + timedelta(days=n) for n in range(30)]
    whole = [(day, day, Fraction(4000)) for day in days]
    assert mean_trm(whole, JUNE, "prueba").value == 4000
    for missing in (0, 14, 29):
        with pytest.raises(NotDerivable) as refused:
            mean_trm([window for n, window in enumerate(whole) if n != missing], JUNE, "prueba")
        assert refused.value.code == "PRI-021"
        assert str(days[missing]) in refused.value.message


@pytest.mark.data
def test_from_the_public_files(data_dir: Path) -> None:
    assert derive_from(data_dir, "oro", month=JUNE).cop_per_gram == "357800.11"
    assert derive_from(data_dir, "oro", month=JUNE, trm_month="current").cop_per_gram == "350148.31"


@pytest.mark.data
@pytest.mark.parametrize(
    ("mineral", "month", "code"),
    [
        ("plata", date(2025, 6, 1), "PRI-020"),
        ("carbon_termico", date(2025, 6, 1), "PRI-020"),
        ("oro", date(2025, 7, 1), "PRI-020"),
        ("platino", date(2025, 7, 1), "PRI-020"),
        ("oro", date(1960, 1, 1), "PRI-022"),
        ("oro", date(1991, 12, 1), "PRI-021"),
        ("oro", date(1992, 1, 1), "PRI-021"),
    ],
)
def test_what_the_files_do_not_reach(data_dir: Path, mineral: str, month: date, code: str) -> None:
    with pytest.raises(NotDerivable) as refused:
        derive_from(data_dir, mineral, month=month)
    assert refused.value.code == code


@pytest.mark.data
def test_platinum_is_derived_like_gold(data_dir: Path) -> None:
    assert derive_from(data_dir, "platino", month=JUNE).cop_per_gram.count(".") == 1


def test_a_folder_without_the_files_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotDerivable) as refused:
        derive_from(tmp_path, "oro", month=JUNE)
    assert refused.value.code == "PRI-022"
