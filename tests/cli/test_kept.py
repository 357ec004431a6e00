"""Byte code of dataclasses that is kept between starts."""

import dataclasses

from bookings.kept import KeptCode

TEXT = "def double(number):\n return number * 2"


def test_kept_code_does_what_its_text_says(tmp_path):
    first = KeptCode(tmp_path / "kept")
    first.run(TEXT, {}, {})
    first.save()

    names: dict = {}
    KeptCode(tmp_path / "kept").run(TEXT, {}, names)

    assert names["double"](21) == 42


def make_point(file, monkeypatch):
    kept = KeptCode(file)
    monkeypatch.setattr(dataclasses, "exec", kept.run, raising=False)
    point = dataclasses.make_dataclass("Point", [("x", int), ("y", int, 7)], frozen=True, order=True)
    kept.save()
    return point


def test_dataclasses_of_the_second_start_are_made_of_what_the_first_one_kept(tmp_path, monkeypatch):
    file = tmp_path / "kept"
    make_point(file, monkeypatch)
    first = file.stat()

    point = make_point(file, monkeypatch)

    assert file.stat().st_ino == first.st_ino
    assert point(1) == point(1, 7) < point(2)
    assert repr(point(1)) == "Point(x=1, y=7)"


def test_a_text_that_comes_twice_is_kept_once(tmp_path):
    for _start in range(2):
        kept = KeptCode(tmp_path / "kept")
        for _time in range(2):
            kept.run(TEXT, {}, {})
        kept.save()

    assert [file.name for file in tmp_path.iterdir()] == ["kept"]


def test_a_file_of_another_python_or_a_damaged_one_is_made_anew(tmp_path):
    file = tmp_path / "kept"
    kept = KeptCode(file)
    kept.run(TEXT, {}, {})
    kept.save()
    whole = file.read_bytes()

    for content in (b"", b"another", whole[:-20]):
        file.write_bytes(content)
        again = KeptCode(file)
        again.run(TEXT, {}, {})
        again.save()

        assert file.read_bytes() == whole


def test_where_nothing_may_be_written_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("no folder")
    kept = KeptCode(tmp_path / "file" / "kept")
    kept.run(TEXT, {}, {})

    kept.save()

    assert [file.name for file in tmp_path.iterdir()] == ["file"]
