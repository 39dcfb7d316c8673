"""A kind that has only just been defined."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from infra.kube_errors import NoSuchKindError
from stacks.apply_change import Changer, Outcome, Wanted
from stacks.apply_objects import Identity

CRD = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "things.x.org", "managedFields": []},
    "status": {"conditions": [{"type": "Established", "status": "True"}]},
}
THING = {"apiVersion": "x.org/v1", "kind": "Thing", "metadata": {"name": "thing"}}


class SlowServer:
    """An API server that serves a new kind only when it is asked for the third time."""

    def __init__(self) -> None:
        self.asked = 0

    def namespace_of(self, manifest: dict[str, Any]) -> str | None:
        self.asked += 1
        if self.asked < 3:
            raise NoSuchKindError(f"no {manifest['kind']}", 404)
        return "demo"

    def get(self, *_: object) -> None:
        return None

    def apply(self, manifest: dict[str, Any], **_: object) -> dict[str, Any]:
        return manifest

    def wait(self, *_: object, until: Callable[[object], bool], timeout: float) -> dict[str, Any]:
        assert timeout >= 1
        assert until(CRD)
        assert not until({**CRD, "status": {}})
        return CRD


def changer() -> Changer:
    return Changer(cast("Any", SlowServer()), "manager", lambda: None)


def test_a_kind_of_this_run_is_waited_for():
    given = changer()
    which = Identity("apiextensions.k8s.io", "CustomResourceDefinition", None, "things.x.org")
    assert given.bring_about(Wanted(CRD, which)).outcome == Outcome.CREATED
    assert given.namespace_of(THING) == "demo"


def test_a_kind_that_nobody_has_defined_is_an_error_at_once():
    with pytest.raises(NoSuchKindError, match="no Thing"):
        changer().namespace_of(THING)
