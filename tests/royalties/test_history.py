"""Royalties declared before this system: each row kept, mended or rejected with its reason, once."""

from pathlib import Path

import pytest

from veta.registry.importers.rows import write_report
from veta.royalties import queries
from veta.royalties.history import keep_history, preview_history

HEAD = (
    "Codigo DANE,Municipio Productor,Departamento,Recurso Natural,Nombre Del Proyecto,Año Produccion,Trimestre,"
    "Unidad Medida,Tipo Contraprestacion,Valor Contraprestacion ,Cantidad Producción"
)
GOLD = "05250,El Bagre,Antioquia,ORO,PRODUCTORES,2019,Trimestre 4,GRAMOS,REGALIA,"


def file_of(tmp_path: Path, *rows: str) -> Path:
    path = tmp_path / "regalias.csv"
    path.write_text("\n".join((HEAD, *rows)), encoding="utf-8")
    return path


@pytest.mark.django_db
def test_keeps_each_row_once_and_says_what_it_left_out(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        GOLD + "1000,4",
        GOLD + "500,0",
        GOLD + "1000,4",
        GOLD.replace("05250", "5250") + "7,1",
        GOLD.replace("ORO", "OTROS MINERALES NCP") + "9,1",
        GOLD + "-1,1",
        GOLD + "1,2.5",
        GOLD.replace("Trimestre 4", "Trimestre 5") + "1,1",
        GOLD.replace("GRAMOS", "ONZAS") + "1,1",
        GOLD.replace("05250", "99") + "1,1",
        GOLD.replace("REGALIA", "COMPENSACION") + "100,3",
    )
    preview = preview_history(path)
    assert preview.counts() == {"rows": 11, "ok": 3, "repaired": 2, "rejected": 6}
    assert all(row.rejection and row.rejection.remedy for row in preview.rejected())
    assert keep_history(preview, by="ana").rows == 5
    assert keep_history(preview_history(path), by="ana").rows == 0
    # 1.507 pesos por 5 gramos: las compensaciones van aparte
    [year] = queries.paid_by_year("oro")
    assert (year.year, year.value_pesos, year.quantity, year.implied) == (2019, 1507, 5, "301.40")
    report = tmp_path / "informe.csv"
    write_report(preview.rows, report)
    assert len(report.read_text(encoding="utf-8-sig").splitlines()) == 12


def test_no_production_implies_no_payment_for_a_unit() -> None:
    assert queries.YearPaid("oro", 2019, "g", 100, 0).implied is None
    assert queries.YearPaid("oro", 2019, "g", 2, 3).implied == "0.67"


@pytest.mark.data
@pytest.mark.django_db
def test_the_whole_public_file(data_dir: Path) -> None:
    preview = preview_history(data_dir / "anm_regalias_trimestral_2012_2020.csv")
    assert preview.counts() == {"rows": 42796, "ok": 42790, "repaired": 0, "rejected": 6}
    assert keep_history(preview, by="prueba").rows == 42790
    gold = {row.year: row.implied for row in queries.paid_by_year("oro")}
    assert gold[2019] == "3822.60"
    assert sorted(gold) == list(range(2012, 2021))
