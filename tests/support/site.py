"""A site deployed for tests: through the command line as an operator does, and looked at from the cluster."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from infra.kube import Kube
from infra.local.cluster import LocalCluster
from infra.paths import ROOT
from stacks.journey import Person, shared_password_people
from stacks.journey.client import HubClient
from stacks.journey.offer import Offer
from stacks.sites import read

USER_SERVER = "singleuser-server"
DECLARED = {"app.kubernetes.io/managed-by": "pulumi"}
KINDS = (
    ("v1", "ConfigMap"),
    ("v1", "Secret"),
    ("v1", "Service"),
    ("v1", "ServiceAccount"),
    ("v1", "PersistentVolumeClaim"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "DaemonSet"),
    ("rbac.authorization.k8s.io/v1", "Role"),
    ("rbac.authorization.k8s.io/v1", "RoleBinding"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("policy/v1", "PodDisruptionBudget"),
)
"""Kinds of objects that a site is made of inside its namespace."""


class CommandError(AssertionError):
    """A command of the command line failed; the text is what it said."""


@dataclass(frozen=True)
class Life:
    """One life of a pod: a new pod has another uid, a restarted container another count."""

    uid: str
    restarts: int


@dataclass
class DeployedSite:
    """A site by its file; nothing happens before `up`.

    Parameters
    ----------
    path
        The site file.
    environment
        Variables for the commands: the site's secrets.
    """

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The site's name."""
        return read(str(self.path)).name

    @property
    def namespace(self) -> str:
        """The site's namespace."""
        return f"science-{self.name}"

    @cached_property
    def cluster(self) -> LocalCluster:
        """The cluster that it is on."""
        spec = read(str(self.path)).site.cluster
        assert spec.kind == "local"
        return LocalCluster(spec.name)

    @cached_property
    def kube(self) -> Kube:
        """A client of the cluster."""
        return Kube.from_kubeconfig(self.cluster.kubeconfig)

    # -- the command line ---------------------------------------------------------------------------------

    def command(self, verb: str, *arguments: str, timeout: float = 600) -> subprocess.CompletedProcess[str]:
        """Run ``python -m stacks VERB SITE``; its text is what it printed on both channels."""
        done = subprocess.run(
            [sys.executable, "-m", "stacks", verb, str(self.path), *arguments],
            cwd=ROOT,
            env=os.environ | dict(self.environment),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode:
            raise CommandError(
                f"stacks {verb} {self.name} ended with {done.returncode}:\n{done.stderr[-4000:]}"
            )
        return done

    def up(self) -> str:
        """Bring the site up, and return what was said."""
        self.__dict__.pop("record", None)
        return self.command("up").stderr

    def down(self, *, everything: bool = False) -> str:
        """Take the site down, and return what was said."""
        more = ("--everything", "--yes-lose", self.name) if everything else ()
        return self.command("down", *more).stderr

    @cached_property
    def record(self) -> dict[str, Any]:
        """The site's capability record, as ``status`` gives it."""
        return json.loads(self.command("status", "--json").stdout)

    def journey(self) -> dict[str, dict[str, Any]]:
        """Go through a user's day, and return the steps by title; one that fails is a `CommandError`."""
        return {step["step"]: step for step in json.loads(self.command("journey", "--json").stdout)["steps"]}

    # -- its users ----------------------------------------------------------------------------------------

    @cached_property
    def people(self) -> dict[str, Person]:
        """Who can sign in to a site with shared passwords, by name."""
        lines = self.command("sign-in").stdout.splitlines()
        given = dict(line.split("\t") for line in lines)
        admins = {name for name, user in self.record["signIn"]["users"].items() if user["admin"]}
        users = next(word for name, word in given.items() if name not in admins)
        people = shared_password_people(
            self.record, users=users, admins=next((given[name] for name in admins), "")
        )
        return {person.name: person for person in people}

    def client(self, person: Person | None = None) -> HubClient:
        """Return a client of the hub, signed in as ``person`` if one is given; to be closed."""
        offer = Offer.of(self.record)
        client = HubClient(offer.route, offer.url)
        if person is not None:
            client.sign_in(person.sign_in)
        return client

    # -- its objects --------------------------------------------------------------------------------------

    def pods(self, component: str | None = None) -> list[dict[str, Any]]:
        """Return the pods of a component, or of all."""
        labels = {"app.kubernetes.io/component": component} if component else {}
        return self.kube.list("v1", "Pod", self.namespace, labels=labels)

    def lives(self, *, users: bool = False) -> dict[str, Life]:
        """Return the life of every pod of the platform, or of the users' servers, by pod name."""
        return {
            pod["metadata"]["name"]: Life(
                pod["metadata"]["uid"],
                sum(each["restartCount"] for each in pod["status"].get("containerStatuses", [])),
            )
            for pod in self.pods()
            if (pod["metadata"]["labels"].get("app.kubernetes.io/component") == USER_SERVER) == users
        }

    def declared(self) -> dict[str, dict[str, Any]]:
        """Return what the objects of the site say, by ``Kind/name``, without what the cluster adds."""
        return {
            f"{kind}/{found['metadata']['name']}": _stated(found)
            for version, kind in KINDS
            for found in self.kube.list(version, kind, self.namespace, labels=DECLARED)
        }


def _stated(found: Mapping[str, Any]) -> dict[str, Any]:
    volatile = {"managedFields", "resourceVersion", "generation"}
    metadata = {key: value for key, value in found["metadata"].items() if key not in volatile}
    metadata["annotations"] = {
        key: value
        for key, value in metadata.get("annotations", {}).items()
        if key != "deployment.kubernetes.io/revision"
    }
    return {key: value for key, value in found.items() if key != "status"} | {"metadata": metadata}


def eventually(true: Callable[[], Any], what: str, *, within: float, every: float = 0.5) -> float:
    """Wait until ``true()`` is, and return the seconds that took; what it raises counts as not yet."""
    started = time.monotonic()
    last: Exception | None = None
    while True:
        try:
            if true():
                return time.monotonic() - started
            last = None
        except Exception as error:  # noqa: BLE001 - whatever a platform that is down answers
            last = error
        if time.monotonic() - started > within:
            raise AssertionError(
                f"{what}: not within {within:g} s" + (f" ({last})" if last else "")
            ) from last
        time.sleep(every)
