"""The typed model of a site: the specs of all layers composed, and the rules between them.

A site file is ``stacks/Pulumi.<site>.yaml``; the model is its ``config: science-platform:site:`` value. The
model holds no secrets: those are Pulumi configuration keys of their own (:attr:`Site.secret_keys`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import Field

from components.edge.spec import EdgeSpec
from components.hub.spec import HubSpec, ProfileSpec
from components.identity.spec import IdentitySpec
from components.storage.spec import StorageSpec
from infra.fields import Spec, bytes_of
from infra.spec import ClusterSpec, NodePoolSpec

PROJECT = "science-platform"


class ImagesSpec(Spec):
    """Where the platform's own images are pulled from."""

    registry: str = Field(
        default="localhost/science-platform",
        pattern=r"^[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*$",
        max_length=200,
    )
    """Registry and path that ``python -m images push`` fills; the default is what local clusters import."""


class Site(Spec):
    """One data centre's science platform."""

    title: str = Field(min_length=1, max_length=80)
    """Name of the site as people read it."""

    disposable: bool = False
    """Whether the site may be thrown away: nothing is protected, a shared password is allowed."""

    cluster: ClusterSpec
    """Where the platform runs."""

    edge: EdgeSpec
    """How people reach the site."""

    identity: IdentitySpec
    """Who may sign in, and how."""

    storage: StorageSpec
    """Homes and project spaces."""

    hub: HubSpec
    """JupyterHub."""

    images: ImagesSpec = ImagesSpec()
    """Where the platform's own images are pulled from."""

    @property
    def secret_keys(self) -> tuple[str, ...]:
        """Pulumi configuration keys (of this project) that must be set as secrets."""
        keys = []
        if self.identity.kind == "oidc":
            keys.append("oidcClientSecret")
        if self.hub.state.kind == "postgresql":
            keys.append("hubDatabaseUrl")
        return tuple(keys)

    def keeps(self, keep: bool | None) -> bool:  # noqa: FBT001 - the value of a spec's own ``keep``
        """Return whether a volume with this ``keep`` setting survives ``down``."""
        return not self.disposable if keep is None else keep


@dataclass(frozen=True)
class Problem:
    """One broken rule between values of a site file.

    Parameters
    ----------
    path
        Keys from the site down to the value that is wrong, as written in the file.
    rule
        What was expected, for a person to read.
    """

    path: tuple[str, ...]
    rule: str


def problems(site: Site) -> list[Problem]:
    """Return every broken rule that takes more than one value to see."""
    return [
        *_edge_problems(site),
        *_identity_problems(site),
        *_storage_problems(site),
        *_profile_problems(site),
        *_limit_problems(site),
    ]


def _edge_problems(site: Site) -> Iterator[Problem]:
    edge, cluster = site.edge, site.cluster
    own_door = cluster.kind == "local" or not (cluster.ingress_class or cluster.load_balancer)
    if own_door and edge.node_port is None:
        yield Problem(("edge", "nodePort"), "needed: the cluster has no ingress class and no load balancer")
    if not own_door and edge.node_port is not None:
        yield Problem(("edge", "nodePort"), "not used: the cluster has an ingress class or a load balancer")
    certificate = edge.certificate
    through_ingress = cluster.kind == "existing" and cluster.ingress_class is not None
    if certificate is None:
        if not (through_ingress and cluster.kind == "existing" and cluster.tls_issuer):
            rule = (
                "needed: only a cluster with an ingress class and a TLS issuer makes certificates by itself"
            )
            yield Problem(("edge", "certificate"), rule)
        return
    if certificate.kind == "ownAuthority" and not site.disposable:
        yield Problem(
            ("edge", "certificate", "kind"),
            "ownAuthority is for disposable sites only: people could not trust it",
        )
    if through_ingress and certificate.kind in ("acme", "ownAuthority"):
        rule = f"{certificate.kind} is not for a cluster with an ingress class: set cluster.tlsIssuer, or kind: secret"
        yield Problem(("edge", "certificate", "kind"), rule)
    if certificate.kind == "acme" and own_door:
        yield Problem(
            ("edge", "certificate", "kind"), "acme needs a load balancer on ports 80 and 443, not a node port"
        )
    if certificate.kind == "acme" and edge.replicas != 1:
        yield Problem(("edge", "replicas"), "must be 1 with ACME certificates, which are kept in one volume")


def _identity_problems(site: Site) -> Iterator[Problem]:
    identity = site.identity
    if identity.kind == "sharedPassword":
        if not site.disposable:
            yield Problem(
                ("identity", "kind"),
                "sharedPassword is for disposable sites only: use oidc, or disposable: true",
            )
        return
    if "openid" not in identity.scopes:
        yield Problem(
            ("identity", "scopes"), "openid must be among the scopes (OpenID Connect Core 1.0, 3.1.2.1)"
        )
    if identity.allow_all and identity.allowed_groups:
        yield Problem(("identity", "allowedGroups"), "has no effect beside allowAll: true; keep one of them")
    if not identity.allow_all and not identity.allowed_groups:
        yield Problem(
            ("identity", "allowedGroups"), "nobody could sign in: name groups, or set allowAll: true"
        )
    if identity.issuer.startswith("http://") and not site.disposable:
        yield Problem(
            ("identity", "issuer"), "must be https: only disposable sites may sign in without encryption"
        )


def _storage_problems(site: Site) -> Iterator[Problem]:
    projects = site.storage.projects
    for name, space in (projects.spaces if projects else {}).items():
        if not (space.read_write or space.read_only):
            yield Problem(
                ("storage", "projects", "spaces", name),
                "nobody could open it: name groups in readWrite or readOnly",
            )


def _profile_problems(site: Site) -> Iterator[Problem]:
    defaults = [name for name, profile in site.hub.profiles.items() if profile.default]
    if len(defaults) != 1:
        found = "none is" if not defaults else f"{' and '.join(defaults)} are"
        yield Problem(("hub", "profiles"), f"exactly one profile must have default: true; {found}")
    pools = site.cluster.node_pools if site.cluster.kind == "existing" else {}
    for name, profile in site.hub.profiles.items():
        yield from _resource_problems(("hub", "profiles", name), profile)
        yield from _pool_problems(("hub", "profiles", name), profile, dict(pools))
        if profile.default and profile.groups:
            yield Problem(("hub", "profiles", name, "groups"), "the default profile must be open to everyone")


def _resource_problems(path: tuple[str, ...], profile: ProfileSpec) -> Iterator[Problem]:
    if profile.cpu.guarantee > profile.cpu.limit:
        yield Problem((*path, "cpu", "guarantee"), f"must not exceed the limit, {profile.cpu.limit:g}")
    if bytes_of(profile.memory.guarantee) > bytes_of(profile.memory.limit):
        yield Problem((*path, "memory", "guarantee"), f"must not exceed the limit, {profile.memory.limit}")


def _pool_problems(
    path: tuple[str, ...], profile: ProfileSpec, pools: dict[str, NodePoolSpec]
) -> Iterator[Problem]:
    if profile.node_pool is None:
        if profile.gpus:
            yield Problem((*path, "gpus"), "GPUs need a node pool: set nodePool to one of cluster.nodePools")
        return
    pool = pools.get(profile.node_pool)
    if pool is None:
        known = ", ".join(sorted(pools)) or "none"
        yield Problem((*path, "nodePool"), f"is not in cluster.nodePools, which has: {known}")
        return
    if profile.cpu.guarantee > pool.cpu:
        yield Problem(
            (*path, "cpu", "guarantee"), f"no node of {profile.node_pool} can hold it: they have {pool.cpu:g}"
        )
    if bytes_of(profile.memory.guarantee) > bytes_of(pool.memory):
        yield Problem(
            (*path, "memory", "guarantee"),
            f"no node of {profile.node_pool} can hold it: they have {pool.memory}",
        )
    if profile.gpus > pool.gpus:
        yield Problem((*path, "gpus"), f"no node of {profile.node_pool} can hold it: they have {pool.gpus}")


def _limit_problems(site: Site) -> Iterator[Problem]:
    limits = site.hub.limits
    for name, profile in site.hub.profiles.items():
        if limits.cpu is not None and profile.cpu.limit > limits.cpu:
            yield Problem(
                ("hub", "limits", "cpu"),
                f"profile {name} could never start: it has {profile.cpu.limit:g} cores",
            )
        if limits.memory is not None and bytes_of(profile.memory.limit) > bytes_of(limits.memory):
            yield Problem(
                ("hub", "limits", "memory"),
                f"profile {name} could never start: it has {profile.memory.limit}",
            )
    placeholders = site.hub.placeholders
    if placeholders is not None and placeholders.profile not in site.hub.profiles:
        known = ", ".join(sorted(site.hub.profiles))
        yield Problem(("hub", "placeholders", "profile"), f"is not in hub.profiles, which has: {known}")
