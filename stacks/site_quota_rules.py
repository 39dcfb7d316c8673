"""The rules of quotas: what is limited must be there, and the limits must be ones that hold."""

from collections.abc import Iterator, Mapping

from components.storage.spec import QuotasSpec
from infra.fields import bytes_of
from stacks.site import Site
from stacks.site_errors import Keys, Problem, did_you_mean

_PATH: Keys = ("storage", "quotas")


def quota_problems(site: Site) -> Iterator[Problem]:
    """Yield what is wrong with the limits of users and project spaces."""
    local, quotas = site.cluster.kind == "local", site.storage.quotas
    if local and site.hub.user_namespaces:
        rule = "is not for local clusters: they cover parts of /proc, and Linux gives pods no namespace over that"
        yield Problem(("hub", "userNamespaces"), rule)
    if quotas is None:
        return
    if local:
        yield Problem(_PATH, "is not for local clusters: their volumes hold nobody to a limit")
        return
    if not (quotas.homes or quotas.scratch or quotas.projects):
        yield Problem(_PATH, "limits nothing: set homes, scratch or projects")
    yield from _held_by_problems(site, quotas)
    yield from _size_problems(site, quotas)
    projects = site.storage.projects
    for name in quotas.projects.spaces if quotas.projects and projects else ():
        if projects and name not in projects.spaces:
            rule = f"is not in storage.projects.spaces{did_you_mean(name, projects.spaces)}"
            yield Problem((*_PATH, "projects", "spaces", name), rule, "key")


def _size_problems(site: Site, quotas: QuotasSpec) -> Iterator[Problem]:
    storage = site.storage
    sizes = {
        "homes": storage.homes.size,
        "scratch": storage.scratch.size if storage.scratch else None,
        "projects": storage.projects.size if storage.projects else None,
    }
    for key, limits in _limits(quotas).items():
        size = sizes[key]
        if size is None:
            yield Problem((*_PATH, key), f"has no effect: the site has no storage.{key}")
            continue
        for path, limit in limits.items():
            if bytes_of(limit) > bytes_of(size):
                rule = f"exceeds storage.{key}.size, {size}: nobody would ever reach it"
                yield Problem((*_PATH, key, *path), rule)


def _limits(quotas: QuotasSpec) -> dict[str, Mapping[Keys, str]]:
    """Return the limits of each volume that has any, by where in its section they are."""
    found: dict[str, Mapping[Keys, str]] = {}
    for key, users in (("homes", quotas.homes), ("scratch", quotas.scratch)):
        if users is not None:
            found[key] = {
                ("default",): users.default,
                **{("groups", name): limit for name, limit in users.groups.items()},
                **{("users", name): limit for name, limit in users.users.items()},
            }
    if quotas.projects is not None:
        found["projects"] = {
            ("default",): quotas.projects.default,
            **{("spaces", name): limit for name, limit in quotas.projects.spaces.items()},
        }
    return found


def _held_by_problems(site: Site, quotas: QuotasSpec) -> Iterator[Problem]:
    path = (*_PATH, "heldBy")
    if quotas.held_by == "nodes" and not site.hub.user_namespaces:
        rule = (
            "nodes needs hub.userNamespaces: true: outside of user namespaces, whoever owns a file can take it out of "
            "its project, and so out of every limit"
        )
        yield Problem(path, rule)
    sources = site.cluster.volumes if site.cluster.kind == "existing" else {}
    for key in _limits(quotas):
        source = next((each for purpose, each in sources.items() if purpose == key), None)
        if source is not None and source.nfs is not None and quotas.held_by != "fileServer":
            rule = f"must be fileServer: cluster.volumes.{key} is NFS, whose clients cannot set limits"
            yield Problem(path, rule)
