"""Where a restoration puts things."""

from pathlib import Path

import pytest
from backup_places import Place, beside, choose, has_content
from backup_report import BackupError

STAMP = "20260301-0200"


def test_where_it_was_if_nothing_is_there(tmp_path: Path):
    assert choose("notes/a.txt", None, overwrite=False, stamp=STAMP, root=tmp_path) == Place(
        path="notes/a.txt"
    )


def test_beside_what_is_there(tmp_path: Path):
    (tmp_path / "a.txt").write_text("new")
    found = choose("a.txt", None, overwrite=False, stamp=STAMP, root=tmp_path)
    assert found == Place(path="a.restored-20260301-0200.txt", beside=True)


def test_over_what_is_there_only_if_told(tmp_path: Path):
    (tmp_path / "a.txt").write_text("new")
    assert choose("a.txt", None, overwrite=True, stamp=STAMP, root=tmp_path) == Place(path="a.txt", over=True)


def test_a_whole_home_goes_into_a_folder_of_it_unless_it_is_empty(tmp_path: Path):
    assert choose("", None, overwrite=False, stamp=STAMP, root=tmp_path) == Place(path="")
    (tmp_path / ".restoring-1").mkdir()
    (tmp_path / "lost+found").mkdir()
    assert not has_content(tmp_path)
    (tmp_path / ".profile").touch()
    assert choose("", None, overwrite=False, stamp=STAMP, root=tmp_path) == Place(
        path="restored-20260301-0200", beside=True
    )


def test_a_place_that_was_named_is_never_another_one(tmp_path: Path):
    (tmp_path / "a.txt").write_text("new")
    with pytest.raises(BackupError, match=r"something at 'a\.txt' already"):
        choose("b.txt", "a.txt", overwrite=False, stamp=STAMP, root=tmp_path)


@pytest.mark.parametrize("path", ["../bob/x", "/etc/passwd", "a/../../x", ".."])
def test_a_path_that_leads_out_is_refused(path: str, tmp_path: Path):
    with pytest.raises(BackupError, match="not a path below the folder"):
        choose("a", path, overwrite=False, stamp=STAMP, root=tmp_path)


def test_a_way_through_a_link_is_refused_wherever_it_leads(tmp_path: Path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    with pytest.raises(BackupError, match="'link' is not a folder now"):
        choose("link/a.txt", None, overwrite=False, stamp=STAMP, root=tmp_path)


def test_a_link_in_the_place_itself_is_something_that_is_there(tmp_path: Path):
    (tmp_path / "a.txt").symlink_to("/nowhere")
    assert choose("a.txt", None, overwrite=False, stamp=STAMP, root=tmp_path).beside


def test_names_beside_keep_their_endings():
    assert beside("notes/a.tar.gz", STAMP) == "notes/a.tar.restored-20260301-0200.gz"
    assert beside(".bashrc", STAMP) == ".bashrc.restored-20260301-0200"
