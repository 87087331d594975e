import json
import resource
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.packets import SAMPLES, document, statistic, trace

ROOT = Path(__file__).resolve().parents[3]


def validate(content: str | bytes, folder: Path) -> tuple[int, list[str]]:
    """The exit code and what was printed, the file's own name left out."""
    path = folder / "packets"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    output, code = StringIO(), 0
    try:
        call_command("validate_packets", str(path), stdout=output)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, output.getvalue().replace(f"{path}:", "").splitlines()


def test_good_packets_of_every_kind_pass_line_by_line(tmp_path: Path) -> None:
    lines = "\n\n".join(json.dumps(sample()) for sample in SAMPLES.values())
    assert validate(lines, tmp_path) == (0, ["4 gói, 4 hợp lệ, 0 sai"])


def test_one_object_over_many_lines_is_one_packet(tmp_path: Path) -> None:
    content = json.dumps(document(), indent=2, ensure_ascii=False)
    assert validate(content, tmp_path) == (0, ["1 gói, 1 hợp lệ, 0 sai"])


def test_elements_of_a_list_are_named_by_the_line_they_begin_on(tmp_path: Path) -> None:
    content = "\n" + json.dumps([trace(), trace(Status=3)], indent=1)
    code, lines = validate(content, tmp_path)
    begin = content.splitlines().index(" {", 3) + 1
    assert code == 1
    assert lines[0].startswith(f"{begin}: trace Status: enum: ")
    assert lines[1] == "2 gói, 1 hợp lệ, 1 sai"


def test_every_fault_of_a_packet_has_its_line(tmp_path: Path) -> None:
    code, lines = validate(json.dumps(statistic(Total=11, Month=0)), tmp_path)
    assert code == 1
    assert [line.split(": ")[:2] for line in lines[:-1]] == [
        ["1", "statistic Month"],
        ["1", "statistic Total"],
        ["1", "statistic Total"],
    ]


@pytest.mark.parametrize("content", ["", "\n \r\n\t\n", "[]"])
def test_nothing_to_check_is_a_failure(content: str, tmp_path: Path) -> None:
    assert validate(content, tmp_path) == (1, ["Không có gói nào để kiểm tra.", "0 gói, 0 hợp lệ, 0 sai"])


@pytest.mark.parametrize(
    ("content", "where", "rule"),
    [
        (b'{"DocCode": ', "1: ? -", "json"),
        (b'{\n"DocCode": "1",\n', "2: ? -", "json"),
        (b"<html>", "1: ? -", "json"),
        (b"[1", "1: ? -", "unknown-kind"),
        (b'{"UserName": "\xe1"}', "1: ? -", "encoding"),
        (b"[" * 100_000, "1: ? -", "depth"),
        (b'{"a": ' * 100_000, "1: ? -", "depth"),
        (b'{"Total": ' + b"1" * 5000 + b"}", "1: ? -", "json"),
        (b'{"DocCode": "1"}', "1: ? -", "unknown-kind"),
        (b"null", "1: ? -", "unknown-kind"),
    ],
)
def test_what_cannot_be_read_is_a_fault_and_never_a_traceback(
    content: bytes, where: str, rule: str, tmp_path: Path
) -> None:
    code, lines = validate(content, tmp_path)
    assert code == 1
    assert lines[0].startswith(f"{where}: {rule}: ")


def test_a_broken_line_does_not_hide_the_next(tmp_path: Path) -> None:
    code, lines = validate(f"{json.dumps(trace())}\n{{]\n{json.dumps(trace(Status=3))}\n", tmp_path)
    assert code == 1
    assert [line.partition(" ")[0] for line in lines] == ["2:", "3:", "3"]


def test_a_byte_order_mark_is_no_part_of_the_packet(tmp_path: Path) -> None:
    content = json.dumps(trace(), indent=1).encode("utf-8-sig")
    assert validate(content, tmp_path) == (0, ["1 gói, 1 hợp lệ, 0 sai"])


def test_a_file_in_another_encoding_is_one_fault_however_many_lines_it_has(tmp_path: Path) -> None:
    code, lines = validate(json.dumps(trace(), indent=1).encode("utf-16"), tmp_path)
    assert (code, len(lines)) == (1, 2)
    assert lines[0].startswith("1: ? -: encoding: ")


def test_a_list_without_its_end_is_a_fault_of_its_own(tmp_path: Path) -> None:
    code, lines = validate(f"[{json.dumps(trace())}\n,", tmp_path)
    assert (code, lines[-1]) == (1, "2 gói, 1 hợp lệ, 1 sai")
    assert lines[0].startswith("2: ? -: json: ")


def test_a_field_that_stands_twice_is_a_fault(tmp_path: Path) -> None:
    content = json.dumps(trace()).replace("{", '{"UserName": "x", ', 1)
    code, lines = validate(content, tmp_path)
    assert code == 1
    assert lines[0].startswith("1: trace UserName: duplicate-key: ")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_no_number_in_json_is_a_fault(number: str, tmp_path: Path) -> None:
    content = json.dumps(statistic()).replace("66.7", number)
    code, lines = validate(content, tmp_path)
    assert code == 1
    assert lines[0].startswith("1: statistic SolvedInTimePercent: type: ")


def test_a_file_that_cannot_be_read_is_bad_usage(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "absent"):
        with pytest.raises(CommandError) as caught:
            call_command("validate_packets", str(path))
        assert caught.value.returncode == 2


def test_standard_input_is_read_in_flat_memory() -> None:
    line = (json.dumps(trace(Comment="x" * 100_000)) + "\n").encode()
    count = 2_000

    def limit_memory() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (150_000_000, 150_000_000))

    process = subprocess.Popen(
        [sys.executable, "manage.py", "validate_packets", "-"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=limit_memory,
    )
    assert process.stdin
    with process.stdin as sink:
        for _time in range(count):
            sink.write(line)
    assert process.stdout
    with process.stdout as source:
        assert source.read().decode() == f"{count} gói, {count} hợp lệ, 0 sai\n"
    assert process.wait(timeout=30) == 0
