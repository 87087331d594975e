"""`import_catalog` takes a whole catalogue in, or says everything that is wrong and takes nothing."""

from __future__ import annotations

import copy
import json
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from onestop.catalog.models import Agency, Field, Phase, Procedure, ProcedureFee, ProcedurePaper, ProcedureResult

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DATA = Path(__file__).resolve().parents[2] / "../shared/data"

Files = dict[str, list[Any]]

FILES: Files = {
    # The child stands before its parent on purpose.
    "agencies": [
        {"code": "H01.2", "name": "Sở Tư pháp", "parent_code": "H01", "level": "province"},
        {"code": "H01", "name": "Tỉnh An Giang", "parent_code": None, "level": "province"},
        {"code": "G15", "name": "Bộ Tư pháp", "level": "central"},
        {"code": "H99.1", "name": "UBND huyện", "parent_code": None, "level": "district_former"},
    ],
    "fields": [{"code": "G15-TP07", "name": "Hộ tịch"}],
    "procedures": [
        {
            "code": "1.000001",
            "name": "Đăng ký khai sinh",
            "field": "Hộ tịch (tên khác)",
            "field_code": "G15-TP07",
            "level": "commune",
            "agency": "UBND cấp xã",
            "promulgator": {"code": "G15", "name": "Bộ Tư pháp"},
            "channels": {"direct": True, "online": True, "postal": False},
            "subjects": ["Công dân Việt Nam"],
            "deadline": {"value": 6.25, "unit": "working_days", "text": "6,25 ngày làm việc"},
            "fees": [
                {"name": "Lệ phí", "amount_vnd": 8000, "text": "mỗi bản", "channels": ["direct"]},
                {"name": "Phí", "amount_vnd": None, "text": "theo nghị quyết", "channels": ["online"]},
            ],
            "papers": [
                {"name": "Tờ khai", "originals": 1, "copies": 0, "code": "TK1", "form": "tk1.docx"},
                {"name": "Lưu ý: xuất trình căn cước", "originals": 0, "copies": 0, "group": "Lưu ý"},
            ],
            "results": ["Giấy khai sinh"],
            "result_codes": ["KQ.G15.000001"],
            "legal_basis": ["60/2014/QH13"],
            "decision_no": "1/QĐ-BTP",
        },
        {
            "code": "1.000002",
            "name": "Thủ tục không có thời hạn",
            "field_code": "G15-TP07",
            "level": "central",
            "promulgator": None,
            "channels": {"direct": True, "online": False, "postal": False},
            "subjects": [],
            "deadline": {"value": None, "unit": None, "text": "Chưa quy định"},
            "fees": [],
            "papers": [],
            "results": [],
            "result_codes": [],
            "legal_basis": [],
            "decision_no": "",
        },
    ],
}


@pytest.fixture
def files() -> Files:
    return copy.deepcopy(FILES)


def write(folder: Path, files: Files) -> Path:
    for name, rows in files.items():
        (folder / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


def load(folder: Path) -> str:
    out = StringIO()
    call_command("import_catalog", str(folder), stdout=out)
    return out.getvalue()


def refused(folder: Path) -> list[str]:
    """The faults for which the folder is refused; makes sure that nothing was saved and nothing but told."""
    with pytest.raises(CommandError) as refusal:
        call_command("import_catalog", str(folder), verbosity=0)
    assert refusal.value.returncode == 1
    assert not Agency.objects.exists()
    assert not Field.objects.exists()
    assert not Procedure.objects.exists()
    return str(refusal.value).splitlines()[1:]


# ---- what is taken in


def test_agencies_are_planted_under_their_parents_whatever_their_order(tmp_path: Path, files: Files) -> None:
    load(write(tmp_path, files))
    province, department = Agency.objects.get(code="H01"), Agency.objects.get(code="H01.2")
    assert province.parent is None
    assert province.path == f"/{province.pk}/"
    assert province.level1 == province
    assert department.parent == province
    assert department.path == f"/{province.pk}/{department.pk}/"
    assert department.level1 == province
    assert set(Agency.objects.within(province)) == {province, department}


def test_a_district_that_is_no_more_is_an_inactive_agency_of_its_province(tmp_path: Path, files: Files) -> None:
    files["agencies"][2]["status"] = "former"
    load(write(tmp_path, files))
    district = Agency.objects.get(code="H99.1")
    assert (district.level, district.is_active) == (Agency.Level.PROVINCE, False)
    assert not Agency.objects.get(code="G15").is_active
    assert Agency.objects.get(code="H01").is_active


def test_a_procedure_comes_with_all_that_the_file_tells(tmp_path: Path, files: Files) -> None:
    load(write(tmp_path, files))
    procedure = Procedure.objects.get(code="1.000001")
    assert procedure.name == "Đăng ký khai sinh"
    assert procedure.field.name == "Hộ tịch"
    assert procedure.promulgator == Agency.objects.get(code="G15")
    assert (procedure.level, procedure.executed_by) == ("commune", "UBND cấp xã")
    assert (procedure.limit, procedure.limit_unit) == (Decimal("6.25"), "working_days")
    assert procedure.limit_text == "6,25 ngày làm việc"
    assert procedure.channels == ["direct", "online"]
    assert procedure.subjects == ["Công dân Việt Nam"]
    assert (procedure.decision_no, procedure.legal_basis) == ("1/QĐ-BTP", ["60/2014/QH13"])
    assert procedure.search == "1.000001 dang ky khai sinh"

    declaration, note = procedure.papers.all()
    assert (declaration.name, declaration.originals, declaration.copies) == ("Tờ khai", 1, 0)
    assert (declaration.code, declaration.form, declaration.group) == ("TK1", "tk1.docx", "")
    assert (note.originals, note.copies, note.group) == (0, 0, "Lưu ý")
    fixed, by_resolution = procedure.fees.all()
    assert (fixed.amount, fixed.direct, fixed.online, fixed.postal) == (8000, True, False, False)
    assert (by_resolution.amount, by_resolution.text) == (None, "theo nghị quyết")
    assert [(result.code, result.name) for result in procedure.results.all()] == [("KQ.G15.000001", "Giấy khai sinh")]


def strings(value: Any) -> Iterator[str]:
    """All texts in `value`, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings(part)


def decomposed(value: Any) -> Any:
    """`value` with every letter and its accents apart."""
    if isinstance(value, str):
        return unicodedata.normalize("NFD", value)
    if isinstance(value, dict):
        return {key: decomposed(part) for key, part in value.items()}
    return [decomposed(part) for part in value] if isinstance(value, list) else value


def test_letters_written_apart_from_their_accents_are_put_together(tmp_path: Path, files: Files) -> None:
    load(write(tmp_path, decomposed(files)))
    saved = list(strings(everything()))
    assert "Đăng ký khai sinh" in saved
    assert "Công dân Việt Nam" in saved
    assert [text for text in saved if not unicodedata.is_normalized("NFC", text)] == []
    assert "Thủ tục: 0 mới, 0 thay đổi, 2 giữ nguyên." in load(write(tmp_path, files))


def test_a_procedure_without_a_limit_has_none(tmp_path: Path, files: Files) -> None:
    files["procedures"][0]["deadline"] = None
    load(write(tmp_path, files))
    for procedure in Procedure.objects.all():
        assert (procedure.limit, procedure.limit_unit) == (None, "")
    assert Procedure.objects.get(code="1.000002").limit_text == "Chưa quy định"


def test_what_is_saved_is_what_saving_one_by_one_would_give(tmp_path: Path, files: Files) -> None:
    load(write(tmp_path, files))
    for row in (*Agency.objects.all(), *Procedure.objects.all()):
        before = dict(row.__dict__)
        row.save()
        assert {name: row.__dict__[name] for name in before} == before


def test_a_file_may_refer_to_what_is_in_the_database_already(tmp_path: Path, files: Files) -> None:
    load(write(tmp_path, files))
    files["agencies"] = [{"code": "H01.3", "name": "Sở Y tế", "parent_code": "H01", "level": "province"}]
    files["fields"] = []
    load(write(tmp_path, files))
    assert Agency.objects.get(code="H01.3").path.startswith(Agency.objects.get(code="H01").path)
    assert Agency.objects.filter(code="H01.2").exists()


def test_progress_is_shown_unless_quiet_is_asked_for(
    tmp_path: Path, files: Files, capfd: pytest.CaptureFixture[str]
) -> None:
    call_command("import_catalog", str(write(tmp_path, files)), verbosity=0)
    assert capfd.readouterr() == ("", "")
    call_command("import_catalog", str(tmp_path))
    assert "7/7" in capfd.readouterr().err


# ---- again


def everything() -> list[Any]:
    kinds = (Agency, Field, Procedure, ProcedurePaper, ProcedureFee, ProcedureResult)
    return [list(kind._default_manager.order_by("pk").values()) for kind in kinds]


def test_a_second_run_changes_nothing_and_says_so(tmp_path: Path, files: Files) -> None:
    write(tmp_path, files)
    assert "Thủ tục: 2 mới, 0 thay đổi, 0 giữ nguyên." in load(tmp_path)
    before = everything()
    assert load(tmp_path).splitlines() == [
        "Cơ quan: 0 mới, 0 thay đổi, 4 giữ nguyên.",
        "Lĩnh vực: 0 mới, 0 thay đổi, 1 giữ nguyên.",
        "Thủ tục: 0 mới, 0 thay đổi, 2 giữ nguyên.",
    ]
    assert everything() == before


def test_only_what_changed_is_written(tmp_path: Path, files: Files) -> None:
    load(write(tmp_path, files))
    untouched = list(ProcedurePaper.objects.filter(ordinal=1)) + list(ProcedureFee.objects.all())
    files["agencies"][0]["name"] = "Sở Tư pháp An Giang"
    files["fields"][0]["name"] = "Hộ tịch, quốc tịch"
    files["procedures"][0]["papers"][1]["originals"] = 2
    files["procedures"][1]["name"] = "Thủ tục đổi tên"
    assert load(write(tmp_path, files)).splitlines() == [
        "Cơ quan: 0 mới, 1 thay đổi, 3 giữ nguyên.",
        "Lĩnh vực: 0 mới, 1 thay đổi, 0 giữ nguyên.",
        "Thủ tục: 0 mới, 2 thay đổi, 0 giữ nguyên.",
    ]
    assert Agency.objects.get(code="H01.2").name == "Sở Tư pháp An Giang"
    assert Field.objects.get().name == "Hộ tịch, quốc tịch"
    assert Procedure.objects.get(code="1.000002").search == "1.000002 thu tuc doi ten"
    assert list(ProcedurePaper.objects.values_list("ordinal", "originals").order_by("ordinal")) == [(1, 1), (2, 2)]
    for row in untouched:
        row.refresh_from_db()


def test_papers_fees_and_results_that_are_gone_from_the_file_go(tmp_path: Path, files: Files) -> None:
    load(write(tmp_path, files))
    procedure = files["procedures"][0]
    procedure["papers"].pop(0)
    procedure["fees"].clear()
    procedure["results"], procedure["result_codes"] = ["Bản sao", "Giấy khai sinh"], ["KQ2", "KQ1"]
    load(write(tmp_path, files))
    assert [paper.name for paper in ProcedurePaper.objects.all()] == ["Lưu ý: xuất trình căn cước"]
    assert not ProcedureFee.objects.exists()
    assert [result.code for result in ProcedureResult.objects.order_by("ordinal")] == ["KQ2", "KQ1"]


def test_an_agency_given_another_parent_takes_all_below_it_along(tmp_path: Path, files: Files) -> None:
    files["agencies"].append({"code": "H01.2.7", "name": "Phòng", "parent_code": "H01.2", "level": "province"})
    load(write(tmp_path, files))
    files["agencies"] = [{"code": "H01.2", "name": "Sở Tư pháp", "parent_code": "G15", "level": "province"}]
    assert "Cơ quan: 0 mới, 1 thay đổi, 0 giữ nguyên." in load(write(tmp_path, files))
    ministry, office = Agency.objects.get(code="G15"), Agency.objects.get(code="H01.2.7")
    assert office.path == f"/{ministry.pk}/{Agency.objects.get(code='H01.2').pk}/{office.pk}/"
    assert office.level1 == ministry


def test_what_the_office_decides_itself_is_left_alone(tmp_path: Path, files: Files) -> None:
    load(write(tmp_path, files))
    province = Agency.objects.get(code="H01")
    province.is_active, province.code_order, province.owner_digits = False, "level1_last", "07"
    province.save()
    Procedure.objects.update(is_active=False, count_from_next_day=True, after_supplement="resume")
    ProcedureFee.objects.update(phase=Phase.RETURN)
    before = everything()
    assert "0 mới, 0 thay đổi, 2 giữ nguyên." in load(tmp_path)
    assert everything() == before


# ---- what is refused


def test_a_missing_folder_or_file_is_told(tmp_path: Path, files: Files) -> None:
    with pytest.raises(CommandError, match="Không có thư mục"):
        load(tmp_path / "nowhere")
    del files["fields"]
    (fault,) = refused(write(tmp_path, files))
    assert fault.startswith("- fields.json: không đọc được: ")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b'[\n  {"code": x}\n]', "JSON sai ở dòng 2, cột 12"),
        (b"", "JSON sai ở dòng 1, cột 1"),
        (b'{"code": "x"}', "phải là một danh sách"),
        (b"\xff\xfe", "không phải JSON dùng được"),
        (b"[" * 100_000, "không phải JSON dùng được"),
    ],
)
def test_a_file_that_is_no_list_of_records_is_told(tmp_path: Path, files: Files, content: bytes, reason: str) -> None:
    (write(tmp_path, files) / "fields.json").write_bytes(content)
    (fault,) = refused(tmp_path)
    assert fault.startswith(f"- fields.json: {reason}")


def test_a_byte_order_mark_does_no_harm(tmp_path: Path, files: Files) -> None:
    path = write(tmp_path, files) / "fields.json"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    load(tmp_path)
    assert Field.objects.exists()


AGENCY, PROCEDURE = ("agencies", 1), ("procedures", 0)


@pytest.mark.parametrize(
    ("where", "key", "value", "fault"),
    [
        (("agencies", 3), "code", "H99,1", "mã H99,1, trường code: chỉ gồm chữ hoa, chữ số và dấu chấm"),
        (AGENCY, "name", "   ", "mã H01, trường name: "),
        (AGENCY, "name", 5, "mã H01, trường name: phải là chuỗi ký tự"),
        (AGENCY, "name", "x" * 501, "mã H01, trường name: "),
        (AGENCY, "name", "a\x00b", "mã H01, trường name: có ký tự không lưu được"),
        (AGENCY, "name", "\ud800", "mã H01, trường name: có ký tự không lưu được"),
        (AGENCY, "level", "district", "mã H01, trường level: “district” không phải là một trong: central"),
        (AGENCY, "status", "new", "mã H01, trường status: “new” không phải là một trong: active, former"),
        (AGENCY, "parent_code", "H77", "mã H01, trường parent_code: không có cơ quan mã “H77”"),
        (AGENCY, "parent_code", "H01", "mã H01, trường parent_code: cơ quan cấp trên lại trực thuộc chính nó"),
        (PROCEDURE, "field_code", "G15-XX", "trường field_code: không có lĩnh vực mã “G15-XX”"),
        (PROCEDURE, "field_code", None, "trường field_code: thiếu mã lĩnh vực"),
        (PROCEDURE, "promulgator", {"code": "G77"}, "trường promulgator.code: không có cơ quan mã “G77”"),
        (PROCEDURE, "promulgator", "G15", "trường promulgator: phải là một đối tượng"),
        (PROCEDURE, "level", None, "trường level: thiếu, cần: central, province, commune"),
        (PROCEDURE, "channels", {"direct": True, "online": True}, "trường channels.postal: phải là true hoặc"),
        (PROCEDURE, "subjects", [1], "trường subjects: phải là danh sách chuỗi ký tự"),
        (PROCEDURE, "legal_basis", None, "trường legal_basis: phải là một danh sách"),
        (PROCEDURE, "deadline", {"value": -1, "unit": "days"}, "trường deadline.value: "),
        (PROCEDURE, "deadline", {"value": 0, "unit": "days"}, "trường deadline.value: phải lớn hơn 0"),
        (PROCEDURE, "deadline", {"value": 3651, "unit": "hours"}, "trường deadline.value: phải lớn hơn 0"),
        (PROCEDURE, "deadline", {"value": 1.125, "unit": "days"}, "trường deadline.value: "),
        (PROCEDURE, "deadline", {"value": "5", "unit": "days"}, "trường deadline.value: phải là số"),
        (PROCEDURE, "deadline", {"value": True, "unit": "days"}, "trường deadline.value: phải là số"),
        (PROCEDURE, "deadline", {"value": float("nan"), "unit": "days"}, "trường deadline.value: phải là số"),
        (PROCEDURE, "deadline", {"value": 5, "unit": "months"}, "trường deadline.unit: “months” không phải"),
        (PROCEDURE, "deadline", {"value": 5, "unit": None}, "trường deadline.unit: value và unit phải cùng có"),
        (PROCEDURE, "deadline", {"value": None, "unit": "days"}, "trường deadline.unit: value và unit phải"),
        (PROCEDURE, "deadline", 5, "trường deadline: phải là một đối tượng"),
        (PROCEDURE, "papers", {}, "trường papers: phải là một danh sách"),
        (PROCEDURE, "papers", ["Tờ khai"], "trường papers[1]: phải là một đối tượng"),
        (PROCEDURE, "papers", [{"name": "", "originals": 0, "copies": 0}], "trường papers[1].name: "),
        (PROCEDURE, "papers", [{"name": "a", "originals": True, "copies": 0}], "trường papers[1].originals: phải"),
        (PROCEDURE, "papers", [{"name": "a", "originals": 1.5, "copies": 0}], "trường papers[1].originals: phải"),
        (PROCEDURE, "papers", [{"name": "a", "originals": 1}], "trường papers[1].copies: "),
        (PROCEDURE, "papers", [{"name": "a", "originals": 0, "copies": -1}], "trường papers[1].copies: phải từ 0"),
        (PROCEDURE, "fees", [{"name": "a", "amount_vnd": 2**31, "channels": []}], "trường fees[1].amount_vnd: phải"),
        (PROCEDURE, "fees", [{"name": "a", "channels": ["fax"]}], "trường fees[1].channels: “fax” không phải"),
        (PROCEDURE, "results", ["a", "b"], "trường result_codes: có 1 mã cho 2 kết quả"),
        (PROCEDURE, "results", [""], "trường results[1].name: "),
    ],
)
def test_a_bad_value_is_told_with_its_place(
    tmp_path: Path, files: Files, where: tuple[str, int], key: str, value: object, fault: str
) -> None:
    name, index = where
    files[name][index][key] = value
    (line,) = refused(write(tmp_path, files))
    assert fault in line
    assert line.startswith(f"- {name}.json, bản ghi {index + 1}, mã ")


def test_a_row_that_is_no_record_or_a_code_used_twice_is_told(tmp_path: Path, files: Files) -> None:
    files["fields"] += ["Hộ tịch", files["fields"][0]]
    assert refused(write(tmp_path, files)) == [
        "- fields.json, bản ghi 2: phải là một đối tượng",
        "- fields.json, bản ghi 3, mã G15-TP07, trường code: mã đã có ở bản ghi 1",
    ]


def test_a_code_that_cannot_even_be_shown_is_told_by_its_row(tmp_path: Path, files: Files) -> None:
    files["fields"] += [{"code": "\ud800", "name": "Hộ tịch"}, {"code": 7, "name": "Hộ tịch"}]
    assert refused(write(tmp_path, files)) == [
        "- fields.json, bản ghi 2, trường code: có ký tự không lưu được",
        "- fields.json, bản ghi 3, trường code: phải là chuỗi ký tự",
    ]


def test_agencies_that_stand_above_each_other_are_told(tmp_path: Path, files: Files) -> None:
    files["agencies"][1]["parent_code"] = "H01.2"
    assert [line.split(", trường")[0] for line in refused(write(tmp_path, files))] == [
        "- agencies.json, bản ghi 1, mã H01.2",
        "- agencies.json, bản ghi 2, mã H01",
    ]


def test_a_circle_through_the_database_is_told(tmp_path: Path, files: Files) -> None:
    load(write(tmp_path, files))
    files["agencies"] = [{"code": "H01", "name": "An Giang", "parent_code": "H01.2", "level": "province"}]
    with pytest.raises(CommandError, match="mã H01, trường parent_code: cơ quan cấp trên lại trực thuộc chính nó"):
        load(write(tmp_path, files))
    assert Agency.objects.get(code="H01").name == "Tỉnh An Giang"


def test_all_faults_are_told_at_once_the_first_fifty_by_name(tmp_path: Path, files: Files) -> None:
    files["agencies"][0]["level"] = "x"
    files["procedures"][1]["level"] = "x"
    files["fields"] += [{"code": f"F{number}", "name": ""} for number in range(58)]
    lines = refused(write(tmp_path, files))
    assert lines[0].startswith("- agencies.json, bản ghi 1, ")
    assert len(lines) == 51
    assert lines[50] == "… và 10 lỗi nữa."


# ---- the real catalogue


@pytest.mark.skipif(not DATA.is_dir(), reason="the folder of real data does not lie beside the project")
def test_the_real_catalogue_is_taken_in_whole_and_a_second_time_without_a_change() -> None:
    assert load(DATA).splitlines() == [
        "Cơ quan: 497 mới, 0 thay đổi, 0 giữ nguyên.",
        "Lĩnh vực: 297 mới, 0 thay đổi, 0 giữ nguyên.",
        "Thủ tục: 1157 mới, 0 thay đổi, 0 giữ nguyên.",
    ]
    assert (ProcedurePaper.objects.count(), ProcedureFee.objects.count()) == (4695, 1106)
    assert ProcedureResult.objects.count() == 1440
    assert Procedure.objects.filter(limit=None).count() == 31
    # 181 procedures of the files are written with letters and accents apart.
    assert [text for text in strings(everything()) if not unicodedata.is_normalized("NFC", text)] == []
    assert Agency.objects.level1().count() == 88
    for row in (*Agency.objects.all(), *Procedure.objects.all()):
        before = dict(row.__dict__)
        row.save()
        assert {name: row.__dict__[name] for name in before} == before
    assert "Thủ tục: 0 mới, 0 thay đổi, 1157 giữ nguyên." in load(DATA)
