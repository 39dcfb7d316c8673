"""The rules of how people come in: the edge, its certificate, sign-in, groups, and the registry of the images."""

import ipaddress
from collections.abc import Iterator
from urllib.parse import urlsplit

from components.edge.spec import CertificateSpec
from components.gateways.spec import hosts
from stacks.site import Site
from stacks.site_errors import Keys, Problem, did_you_mean, dotted

_PRIVATE_NAMES = ("localhost", "local", "internal", "test", "example", "invalid", "lan", "arpa")
"""Top-level names that no public authority certifies (RFC 6761, RFC 6762, ICANN's .internal)."""

_DISCOVERY = "/.well-known/openid-configuration"


def edge_problems(site: Site) -> Iterator[Problem]:
    """Yield what is wrong with how people reach the site."""
    edge, cluster = site.edge, site.cluster
    ingress = cluster.ingress_class is not None
    node_port = not (ingress or cluster.load_balancer)
    if node_port and edge.node_port is None:
        rule = "is needed: the cluster has no ingress class and no load balancer"
        yield Problem(("edge", "nodePort"), rule)
    if not node_port and edge.node_port is not None:
        yield Problem(
            ("edge", "nodePort"), "is not used: the cluster has an ingress class or a load balancer"
        )
    if cluster.tls_issuer and not ingress:
        rule = "has no effect without ingressClass: cert-manager makes certificates for an ingress only"
        yield Problem(("cluster", "tlsIssuer"), rule)
    yield from _host_problems(site)
    if edge.certificate is not None:
        yield from _certificate_problems(site, edge.certificate, ingress=ingress, node_port=node_port)
    elif not (ingress and cluster.tls_issuer):
        rule = "is needed: only a cluster with an ingress class and a TLS issuer makes certificates by itself"
        yield Problem(("edge", "certificate"), rule)


def _host_problems(site: Site) -> Iterator[Problem]:
    host = site.edge.host
    if _is_address(host):
        yield Problem(
            ("edge", "host"), "must be a DNS name: certificates and sign-in do not go with an address"
        )
    elif site.cluster.kind != "local" and not site.disposable and ("." not in host or _is_loopback(host)):
        rule = "must be a full DNS name: this one leads people to their own machine, or nowhere"
        yield Problem(("edge", "host"), rule)


def gateway_problems(site: Site) -> Iterator[Problem]:
    """Yield what is wrong with the hosts of gateways."""
    taken = {site.edge.host: "edge.host"}
    for gateway, host in hosts(site.gateways, site.edge.host).items():
        path = ("gateways", gateway, "host")
        if host in taken:
            rule = f"is {taken[host]} already: pages that users put there must not share its origin"
            yield Problem(path, rule)
        taken[host] = dotted(path)


def bucket_problems(site: Site) -> Iterator[Problem]:
    """Yield what keeps a site's rooms from being S3 buckets, and servers from knowing where S3 is."""
    if site.object_store is not None and site.gateways.s3 is not None:
        rule = "does not go with gateways.s3: clients in people's servers know one place of S3"
        yield Problem(("objectStore",), rule)
    projects = site.storage.projects
    taken = {
        "home": "everyone's own home",
        **{f"data-{name}": f"data collection {name}" for name in site.storage.collections},
    }
    for name in projects.spaces if projects else ():
        if name in taken:
            rule = f"cannot be called so: at the S3 door this is the bucket of {taken[name]}"
            yield Problem(("storage", "projects", "spaces", name), rule)


def _certificate_problems(
    site: Site, certificate: CertificateSpec, *, ingress: bool, node_port: bool
) -> Iterator[Problem]:
    kind = ("edge", "certificate", "kind")
    if certificate.kind == "ownAuthority" and not site.disposable:
        yield Problem(kind, "ownAuthority is for disposable sites only: people could not trust it")
    if ingress and certificate.kind != "secret":
        rule = f"{certificate.kind} does not go with an ingress class: set cluster.tlsIssuer, or kind: secret"
        yield Problem(kind, rule)
    if certificate.kind != "acme":
        return
    if node_port:
        yield Problem(kind, "acme needs a load balancer on ports 80 and 443, not a node port")
    if site.edge.replicas != 1:
        rule = "must be 1 with ACME certificates, which are kept in one volume"
        yield Problem(("edge", "replicas"), rule)
    host = site.edge.host
    if not _is_address(host) and ("." not in host or host.rpartition(".")[2] in _PRIVATE_NAMES):
        yield Problem(kind, "acme needs a public host name: no authority certifies edge.host")


def identity_problems(site: Site) -> Iterator[Problem]:
    """Yield what is wrong with who may sign in, and with groups that nobody is in."""
    if site.identity.kind == "oidc":
        yield from _oidc_problems(site)
        return
    if not site.disposable:
        rule = "sharedPassword is for disposable sites only: use oidc, or disposable: true"
        yield Problem(("identity", "kind"), rule)
    known = sorted({group for user in site.identity.users.values() for group in user.groups})
    for path, group in _groups(site):
        if group not in known:
            rule = f"no user of identity.users is in this group{did_you_mean(group, known)}"
            yield Problem(path, rule)


def _groups(site: Site) -> Iterator[tuple[Keys, str]]:
    for name, profile in site.hub.profiles.items():
        for position, group in enumerate(profile.groups):
            yield ("hub", "profiles", name, "groups", position), group
    projects = site.storage.projects
    for name, space in (projects.spaces if projects else {}).items():
        for key, groups in (("readWrite", space.read_write), ("readOnly", space.read_only)):
            for position, group in enumerate(groups):
                yield ("storage", "projects", "spaces", name, key, position), group
    yield from _storage_groups(site)


def _storage_groups(site: Site) -> Iterator[tuple[Keys, str]]:
    for name, collection in site.storage.collections.items():
        for key, groups in (("groups", collection.groups), ("readWrite", collection.read_write)):
            for position, group in enumerate(groups):
                yield ("storage", "data", "collections", name, key, position), group
    software = site.storage.software
    for position, group in enumerate(software.read_write if software else ()):
        yield ("storage", "software", "readWrite", position), group
    quotas = site.storage.quotas
    for key, users in (("homes", quotas.homes), ("scratch", quotas.scratch)) if quotas else ():
        for group in users.groups if users else ():
            yield ("storage", "quotas", key, "groups", group), group


def _oidc_problems(site: Site) -> Iterator[Problem]:
    identity = site.identity
    assert identity.kind == "oidc"  # noqa: S101 - tells the type checker
    if "openid" not in identity.scopes:
        rule = "openid must be among the scopes (OpenID Connect Core 1.0, 3.1.2.1)"
        yield Problem(("identity", "scopes"), rule)
    if identity.allow_all and identity.allowed_groups:
        rule = "has no effect beside allowAll: true; keep one of them"
        yield Problem(("identity", "allowedGroups"), rule)
    if not identity.allow_all and not identity.allowed_groups:
        rule = "is needed: nobody could sign in; name groups, or set allowAll: true"
        yield Problem(("identity", "allowedGroups"), rule)
    issuer = urlsplit(identity.issuer)
    if issuer.scheme == "http" and not site.disposable:
        rule = "must be https: only disposable sites may sign in without encryption"
        yield Problem(("identity", "issuer"), rule)
    if issuer.path.endswith(_DISCOVERY):
        yield Problem(("identity", "issuer"), f"must not end with {_DISCOVERY}, which the hub adds by itself")
    port = issuer.port or (443 if issuer.scheme == "https" else 80)
    if port != identity.egress_port:
        rule = f"must be {port}, the issuer's port: the hub may connect to no other"
        yield Problem(("identity", "egressPort"), rule)


def image_problems(site: Site) -> Iterator[Problem]:
    """Yield what is wrong with where the platform's images are."""
    host, colon, _ = site.images.registry.partition("/")[0].partition(":")
    # kind's own recipe gives its nodes a registry at localhost:<port>.
    own_registry = site.disposable and colon
    if site.cluster.kind != "local" and _is_loopback(host) and not own_registry:
        rule = (
            "must be a registry that the cluster's nodes reach: localhost is each node itself. "
            "`python -m images push` fills it"
        )
        yield Problem(("images", "registry"), rule)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host in ("localhost", "127.0.0.1") or host.endswith(".localhost")
