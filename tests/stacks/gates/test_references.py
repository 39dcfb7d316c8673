"""Which references to images may be another image tomorrow."""

import pytest

from stacks.gates.references import FLOATING, floating


@pytest.mark.parametrize(
    "reference",
    [
        "registry.example.org:5000/team/lab:2026.1",
        "lab:v1",
        "registry.example.org/lab@sha256:" + "0" * 64,
        "registry.example.org/lab:latest@sha256:" + "0" * 64,
    ],
)
def test_a_version_or_a_digest_is_one_image(reference: str):
    assert floating(reference) is None


@pytest.mark.parametrize("reference", ["lab", "registry.example.org:5000/team/lab", ""])
def test_without_a_tag_it_is_the_latest(reference: str):
    assert floating(reference) == "has no tag, which means latest"


@pytest.mark.parametrize("tag", sorted(FLOATING))
def test_tags_that_move(tag: str):
    assert floating(f"registry.example.org/lab:{tag}") == f"has the tag {tag}, which moves"
