"""What operators write for what they want back."""

import pytest

from stacks.backup.errors import BackupError
from stacks.backup.what import What, parse

SOURCES = ("homes", "projects", "hub")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("homes", What(source="homes")),
        ("hub", What(source="hub")),
        ("home/alice", What(source="homes", folder="alice")),
        ("home/alice/", What(source="homes", folder="alice")),
        ("homes/alice/a b/[x]*.fits", What(source="homes", folder="alice", path="a b/[x]*.fits")),
        ("project/galaxies//catalogue", What(source="projects", folder="galaxies", path="catalogue")),
    ],
)
def test_a_source_a_folder_and_a_path_in_it(text: str, meant: What):
    assert parse(text, SOURCES) == meant


@pytest.mark.parametrize("text", ["home/alice/notes/a.ipynb", "project/galaxies", "homes", "hub"])
def test_it_is_written_as_it_is_read(text: str):
    assert str(parse(text, SOURCES)) == text


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("tap", "'tap' is not backed up; there is: everything, homes, projects, hub, home/NAME"),
        ("home", "whose? home/NAME, or homes for all of them"),
        ("home/../etc", "leads out of its folder"),
        ("home/alice/../bob", "leads out of its folder"),
    ],
)
def test_what_is_not_there_or_leads_out_is_refused(text: str, rule: str):
    with pytest.raises(BackupError) as refused:
        parse(text, SOURCES)
    assert rule in str(refused.value)
