"""Every wrong site file of ``bad/`` is refused with exactly what its first lines say."""

import itertools
from pathlib import Path

import pytest

from stacks.site_errors import SiteError
from stacks.site_loading import load

BAD = sorted((Path(__file__).parent / "bad").glob("*.yaml"))


def expectation(text: str) -> list[str]:
    """Return the comments that a file starts with: one problem each, as it is printed after the file's name."""
    return [
        line.removeprefix("# ")
        for line in itertools.takewhile(lambda line: line[0] == "#", text.splitlines())
    ]


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_wrong_site_file_is_refused_by_line_key_and_rule(file: Path, tmp_path: Path):
    copy = tmp_path / "Pulumi.example.yaml"
    copy.write_text(file.read_text())
    with pytest.raises(SiteError) as refused:
        load(copy)
    assert str(refused.value).replace(f"{copy}:", "").splitlines() == expectation(file.read_text())


def test_every_wrong_site_file_says_what_is_wrong_with_it():
    assert [file.stem for file in BAD if not expectation(file.read_text())] == []
