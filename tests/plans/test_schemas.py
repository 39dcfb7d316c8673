"""Every object of every site is what each supported version of Kubernetes takes, down to the last key."""

import json
from collections.abc import Iterator
from functools import cache

import kubernetes_validate
import pytest

from infra.claims import OLDEST_MINOR
from stacks.plan import Plan

VERSIONS = ("1.34", "1.35", "1.36", "1.37")


@pytest.fixture(scope="module", autouse=True)
def schemas_read_once():
    """Keep the schemas, which `validate` reads from disk for every object."""
    with pytest.MonkeyPatch.context() as patch:
        utils = kubernetes_validate.utils
        patch.setattr(utils, "schema_contents", cache(utils.schema_contents))
        yield


def test_the_oldest_version_is_the_oldest_that_clusters_may_have():
    assert VERSIONS[0] == f"1.{OLDEST_MINOR}"


def test_a_key_that_kubernetes_does_not_know_is_invalid():
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "immutabel": True}
    with pytest.raises(kubernetes_validate.ValidationError, match="immutabel"):
        kubernetes_validate.validate(config, VERSIONS[0], strict=True)


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_is_valid(planned: Plan, version: str):
    told = {
        f"{manifest['kind']} {manifest['metadata']['name']}": _problem(json.dumps(manifest), version)
        for manifest in planned.manifests()
    }
    assert {name: problem for name, problem in told.items() if problem} == {}


@cache
def _problem(manifest: str, version: str) -> str | None:
    """Return what is wrong with an object, given as JSON since most are the same on several sites."""
    try:
        kubernetes_validate.validate(json.loads(manifest), version, strict=True)
    except kubernetes_validate.ValidationError as error:
        return error.message
    return None


def test_whole_numbers_are_integers(planned: Plan):
    # To a schema 1.0 is an integer; to Kubernetes' API it is not.
    assert [number for number in _floats(planned.manifests()) if number.is_integer()] == []


def _floats(value: object) -> Iterator[float]:
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict | list | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _floats(item)
