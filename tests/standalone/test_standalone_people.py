"""The file of employees, as people write and export it."""

from __future__ import annotations

from pathlib import Path

import pytest

from zkteco_biometric.standalone.people import read_people
from zkteco_biometric.standalone.problems import Problem


def written(directory: Path, content: str | bytes) -> Path:
	path = directory / "people.csv"
	path.write_bytes(content if isinstance(content, bytes) else content.encode())
	return path


def refusal(path: Path) -> str:
	with pytest.raises(Problem) as caught:
		read_people(path)
	assert caught.value.exit_code == 2
	assert str(path) in caught.value.message
	assert "What to do:" in caught.value.message
	return caught.value.message


@pytest.mark.parametrize(
	"content",
	[
		"employee,attendance_device_id\nE1,007\nE2,A7\n",
		"\ufeffemployee,attendance_device_id\r\nE1,007\r\nE2,A7\r\n",
		"employee;attendance_device_id\nE1;007\nE2;A7",
		"employee\tattendance_device_id\nE1\t007\nE2\tA7\n",
		" Employee , Attendance Device ID \n E1 , 007 \n E2 ,A7\n",
		'"ID","Full Name","Attendance Device ID (Biometric/RF tag ID)"\n"E1","A, B","007"\n"E2","","A7"\n',
		"name;BIOMETRIC ID;employee\nx;007;E1\ny;A7;E2\n",
		"ID,Employee,Biometric ID\nE9,E1,007\nE9,E2,A7\n",
		"\n\nemployee,attendance_device_id\n\nE1,007\n,\nE2,A7\nE1,007\n",
		"attendance_device_id,employee\n007,E1\nA7,E2,surplus\n",
		"\r\nemployee,attendance_device_id\rE1,007\rE2,A7\r",
		"sep=;\r\nemployee;attendance_device_id\r\nE1;007\r\nE2;A7\r\n",
		"\ufeffSEP=,\nemployee,attendance_device_id\nE1,007\nE2,A7\n",
		"sep=\t\nemployee\tattendance_device_id\nE1\t007\nE2\tA7\n",
		'"sep=;"\nname, first;employee;attendance_device_id\na,b,c;E1;007\n;E2;A7\n',
	],
)
def test_a_file_is_understood_as_people_write_it(tmp_path: Path, content: str) -> None:
	assert read_people(written(tmp_path, content)).by_code == {"007": "E1", "A7": "E2"}


def test_the_line_that_names_the_separator_is_counted(tmp_path: Path) -> None:
	path = written(tmp_path, "sep=;\nemployee;attendance_device_id\n;007\n")
	assert "line 3: Biometric ID '007' has no employee" in refusal(path)


def test_a_file_with_nothing_but_its_separator_has_no_columns(tmp_path: Path) -> None:
	assert "there is no column" in refusal(written(tmp_path, "sep=;\n"))


def test_employees_without_a_code_are_left_out(tmp_path: Path) -> None:
	people = read_people(written(tmp_path, "employee,attendance_device_id\nE1,007\nE2,\nE3\n"))
	assert people.by_code == {"007": "E1"}
	assert people.without_code == 2


def test_codes_are_text(tmp_path: Path) -> None:
	people = read_people(written(tmp_path, "employee,attendance_device_id\nE1,007\nE2,7\nE3,7.0\n"))
	assert people.by_code == {"007": "E1", "7": "E2", "7.0": "E3"}


def test_a_separator_of_lines_within_a_name_does_not_end_the_line(tmp_path: Path) -> None:
	content = 'employee,full name,attendance_device_id\nE1,"A\u2028B",007\nE2,"A\nB",A7\n'
	assert len(read_people(written(tmp_path, content)).by_code) == 2


def test_two_employees_with_one_code_are_refused_with_both_lines(tmp_path: Path) -> None:
	path = written(tmp_path, "employee,attendance_device_id\nE1,007\n\nE2,007\n")
	said = refusal(path)
	assert "line 4: employee E2" in said
	assert "employee E1 has in line 2" in said


@pytest.mark.parametrize("content", ["", "\n \n", "\ufeff"])
def test_an_empty_file_is_refused(tmp_path: Path, content: str) -> None:
	assert "is empty" in refusal(written(tmp_path, content))


def test_a_file_with_a_head_only_is_refused(tmp_path: Path) -> None:
	assert "names no employees" in refusal(written(tmp_path, "employee,attendance_device_id\n"))


@pytest.mark.parametrize("head", ["employee,name", "employee", ",,"])
def test_a_missing_column_is_named(tmp_path: Path, head: str) -> None:
	said = refusal(written(tmp_path, f"{head}\nE1,007\n"))
	assert "there is no column" in said
	assert "attendance_device_id" in said


def test_a_code_without_an_employee_is_refused(tmp_path: Path) -> None:
	path = written(tmp_path, "employee,attendance_device_id\n,007\n")
	assert "line 2: Biometric ID '007' has no employee" in refusal(path)


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_in_another_encoding_is_refused(tmp_path: Path, encoding: str) -> None:
	content = "employee,name,attendance_device_id\nE1,Ä,007\n".encode(encoding)
	assert "not UTF-8" in refusal(written(tmp_path, content))


def test_a_quote_that_never_ends_is_refused(tmp_path: Path) -> None:
	path = written(tmp_path, 'employee,attendance_device_id\nE1,"007\nE2,A7\n')
	assert "line 3: unexpected end of data" in refusal(path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
	assert "No such file" in refusal(tmp_path / "missing.csv")


def test_a_directory_is_refused(tmp_path: Path) -> None:
	assert "cannot be read" in refusal(tmp_path)
