"""Photos named on the command line, and the folders of their results."""

import os
from pathlib import Path

import pytest

from f2p import errors
from f2p.cli.inputs import Input, find_photos, result_folders


def names(*photos: str | Path) -> list[str]:
    return [str(folder) for folder in result_folders([Input(Path(photo)) for photo in photos], Path("out"))]


def test_a_photos_folder_has_its_stem() -> None:
    assert names("a/x.jpg", "b/y.tar.png", "noext") == ["out/x", "out/y.tar", "out/noext"]


def test_photos_of_one_stem_each_have_a_folder_whatever_their_order() -> None:
    photos = ["a/x.jpg", "a/X.png", "x-2.jpg", "b/x.jpg"]
    found = dict(zip(photos, names(*photos), strict=True))
    assert found["x-2.jpg"] == "out/x-2", "a neighbour's number does not matter"
    assert found["a/X.png"] == "out/X.png"
    assert found["a/x.jpg"].startswith("out/x.jpg-")
    assert len({folder.casefold() for folder in found.values()}) == 4
    assert dict(zip(photos[::-1], names(*photos[::-1]), strict=True)) == found


@pytest.mark.parametrize(
    "name", ["...jpg", "..jpg", ".jpg", "..", "con:x.jpg", "a\nb.jpg", " .jpg", os.fsdecode(b"caf\xe9.jpg")]
)
def test_no_name_leads_out_of_the_folder_of_results(name: str) -> None:
    (folder,) = names(Path("in") / name)
    assert folder.startswith("out/")
    last = folder.removeprefix("out/")
    assert last.strip(". ") == last != ""
    assert last.isprintable()
    assert "/" not in last
    last.encode("utf-8")


def test_a_folder_stands_for_its_photos(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for file in ("b.JPG", "a.png", "notes.txt", "._b.jpg", ".trash/c.jpg", "sub/deep/a.webp", "out/a/character.png"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(b"")
    found = find_photos([tmp_path], out)
    assert [str(photo.path.relative_to(tmp_path)) for photo in found] == ["a.png", "b.JPG", "sub/deep/a.webp"]
    assert [str(f.relative_to(out)) for f in result_folders(found, out)] == ["a", "b", "sub/deep/a"]


def test_an_empty_folder_is_one_error_among_the_photos(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    empty, other = find_photos([tmp_path / "empty", Path("other.jpg")])
    assert isinstance(empty.error, errors.PhotoMissing)
    assert ".jpg" in empty.error.remedy
    assert other.error is None


@pytest.mark.parametrize("given", [[], ["-", "-"]])
def test_wrong_inputs(given: list[str]) -> None:
    with pytest.raises(errors.ParameterError):
        find_photos([Path(name) for name in given])
