"""A canary in every secret of a site turns up nowhere in a cluster but in its Secrets, nor does what is made there.

The whole platform is applied, with databases and an identity provider that nobody answers for: pods that cannot
connect are the ones that say most.
"""

import base64
import io
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from infra.kube import Kube
from infra.kube_errors import KubeError
from infra.progress import Progress
from stacks import apply
from stacks.apply_record import Store, to_json
from stacks.drift.live import drift
from stacks.program import main
from stacks.site_frame import SECRETS
from stacks.site_loading import site_from_config
from tests.support.canaries import canary, leaked, values
from tests.support.plans import EXAMPLES, SITES, site_value

pytestmark = pytest.mark.cluster

STACK = "canaries"
NAMESPACE = f"science-{STACK}"
KINDS = (
    ("v1", "ConfigMap"),
    ("v1", "Pod"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Event"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "DaemonSet"),
    ("apps/v1", "ReplicaSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
)
"""Everything that is not secret."""

_SHORTEST = 16
"""Characters from which on the content of a Secret is one: shorter ones are names and flags."""


def site() -> dict[str, Any]:
    """Return a site on the local cluster that has every secret there is."""
    local, elsewhere = site_value(SITES["local"]), site_value(EXAMPLES["tap-with-a-database-elsewhere"])
    return {
        **{key: value for key, value in local.items() if key not in ("rollout", "disposable")},
        "disposable": True,
        "edge": {**local["edge"], "host": "canaries.localhost", "nodePort": 31582},
        "identity": elsewhere["identity"],
        "tap": {**elsewhere["tap"], "host": "tap.canaries.localhost", "catalogues": {}},
        "storage": {"homes": {"size": "1Gi"}},
        "backup": site_value(EXAMPLES["ingress"])["backup"],
        "hub": {**local["hub"], "state": {"kind": "postgresql", "cidr": "192.0.2.0/28"}},
    }


@dataclass(frozen=True)
class Applied:
    """What was applied, and all that was said."""

    kube: Kube
    config: dict[str, Any]
    said: str
    shown: str


@pytest.fixture(scope="module")
def applied(kube: Kube) -> Iterator[Applied]:
    keys = site_from_config(site(), name=STACK).secret_keys
    assert set(keys) == set(SECRETS), "a new secret: give the site above what asks for it"
    config = {"site": site(), **values(keys)}
    out = io.StringIO()
    progress = Progress(out=out)
    try:
        found = apply.up(main, stack=STACK, kube=kube, progress=progress, config=config, secrets=keys)
        yield Applied(kube, config, out.getvalue(), f"{found}{found.outputs!r}")
    finally:
        apply.destroy(STACK, kube, Progress(out=io.StringIO()), everything=True, force_unlock=True)
        kube.wait("v1", "Namespace", NAMESPACE, until=lambda live: live is None, timeout=240)


def made(kube: Kube) -> dict[str, str]:
    """Return what is in the Secrets of the site, by where it is."""
    return {
        f"{secret['metadata']['name']}.{key}": text
        for secret in kube.list("v1", "Secret", NAMESPACE)
        for key, value in (secret.get("data") or {}).items()
        for text in [base64.b64decode(value).decode(errors="replace").strip()]
        if len(text) >= _SHORTEST and "BEGIN CERTIFICATE" not in text
    }


def logs(kube: Kube) -> dict[str, str]:
    """Return what the pods have written, once those that cannot connect have said so."""
    found: dict[str, str] = {}
    end = time.monotonic() + 90
    while time.monotonic() < end and not any(
        name.startswith("hub-") and text for name, text in found.items()
    ):
        time.sleep(2)
        for pod in kube.list("v1", "Pod", NAMESPACE):
            spec, name = pod["spec"], pod["metadata"]["name"]
            for container in [*spec.get("initContainers", ()), *spec["containers"]]:
                for previous in (False, True):
                    try:
                        text = kube.logs(name, NAMESPACE, container=container["name"], previous=previous)
                    except KubeError:
                        continue  # it has not started, or has had one life only
                    found[f"{name}/{container['name']}{' before' * previous}"] = text
    return found


def looked_at(applied: Applied) -> str:
    """Return what moved, in words."""
    return str(
        drift(
            main,
            stack=STACK,
            kube=applied.kube,
            config=applied.config,
            secrets=tuple(SECRETS),
            fingerprint=b"a key of one run",
        )
    )


def test_no_secret_is_anywhere_but_in_secrets(applied: Applied):
    secrets = {key: canary(key) for key in SECRETS} | made(applied.kube)
    assert len(secrets) > len(SECRETS) + 3, "the site's own Secrets have been found as well"
    said = logs(applied.kube)
    assert any(name.startswith("hub-") for name in said)
    surfaces = {
        "what was said": applied.said,
        "the outputs": applied.shown,
        "the record": to_json(Store(applied.kube, STACK).load()),
        "the drift": looked_at(applied),
        **{f"the log of {name}": text for name, text in said.items()},
    }
    for version, kind in KINDS:
        for each in applied.kube.list(version, kind, NAMESPACE):
            surfaces[f"{kind} {each['metadata']['name']}"] = json.dumps(each)
    assert leaked(surfaces, secrets) == []


def test_what_someone_puts_into_a_secret_by_hand_is_not_shown_either(applied: Applied):
    planted = canary("Planted")
    secret, key = next(
        (secret["metadata"]["name"], key)
        for secret in applied.kube.list("v1", "Secret", NAMESPACE)
        for key, value in secret["data"].items()
        if canary("oidcClientSecret").encode() in base64.b64decode(value)
    )
    change = {"data": {key: base64.b64encode(planted.encode()).decode()}}
    applied.kube.merge("v1", "Secret", secret, NAMESPACE, change)
    moved = looked_at(applied)
    assert f"/data/{key}: [secret] → [secret] (changed)" in moved
    assert leaked({"the drift": moved}, {"planted": planted}) == []
