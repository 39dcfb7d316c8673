"""The rules of volumes: where each comes from, and who may use what is on it."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from components.storage.spec import CollectionSpec
from infra.fields import seconds_of
from infra.spec import CVMFS_DRIVER, CsiSpec, NfsSpec
from stacks.site import Site
from stacks.site_errors import Keys, Problem, did_you_mean

_HOUR = 3600

_OWN_OPTIONS = {
    "volumeName": "a volume that is there already has its own: its spec.mountOptions",
    "claimName": "the volume of a claim has its own: its spec.mountOptions",
    "cvmfs": "the driver decides how it mounts repositories",
    "storageClass": "volumes of a class have the class's own: its mountOptions, for those made from then on",
}
"""Why the mount options of a volume that the site does not declare are not its own to say."""


class _Mountable(Protocol):
    """What a purpose's source and a data collection have in common."""

    @property
    def nfs(self) -> NfsSpec | None: ...

    @property
    def csi(self) -> CsiSpec | None: ...

    @property
    def mount_options(self) -> list[str]: ...


def storage_problems(site: Site) -> Iterator[Problem]:
    """Yield what is wrong with volumes, project spaces, scratch and data collections."""
    yield from _source_problems(site)
    yield from _space_problems(site)
    for name, collection in site.storage.collections.items():
        yield from _collection_problems(site, ("storage", "data", "collections", name), collection)
    scratch = site.storage.scratch
    if scratch is not None and seconds_of(scratch.clean_after) % _HOUR:
        rule = "must be whole hours: files are looked at once a day"
        yield Problem(("storage", "scratch", "cleanAfter"), rule)
    yield from _bound_twice(site)


def _source_problems(site: Site) -> Iterator[Problem]:
    for purpose, source in site.cluster.volumes.items():
        path: Keys = ("cluster", "volumes", purpose)
        given = {
            "volumeName": source.volume_name,
            "nfs": source.nfs,
            "csi": source.csi,
            "storageClass": source.storage_class,
        }
        yield from _one_of(path, given)
        yield from _mount_problems(site, path, source, [key for key, value in given.items() if value])
        yield from _single_volume_problems(path, purpose, given)
        if purpose != "state" and source.access_mode == "ReadWriteOnce" and site.cluster.pools:
            rule = "must be ReadWriteMany: user pods run in several node pools, and each mounts the volume"
            yield Problem((*path, "accessMode"), rule)


def _one_of(path: Keys, given: Mapping[str, object]) -> Iterator[Problem]:
    there = [key for key, value in given.items() if value]
    for key in there[1:]:
        yield Problem((*path, key), f"has no effect beside {there[0]}; keep one of them")


def _mount_problems(site: Site, path: Keys, source: _Mountable, given: list[str]) -> Iterator[Problem]:
    if source.mount_options and not (source.nfs or source.csi):
        reason = _OWN_OPTIONS[given[0] if given else "storageClass"]
        yield Problem((*path, "mountOptions"), f"goes with nfs and csi only: {reason}")
    if source.csi is not None:
        yield from _driver_problems(site, (*path, "csi", "driver"), source.csi.driver)


def _driver_problems(site: Site, path: Keys, driver: str) -> Iterator[Problem]:
    if site.cluster.kind == "local":
        yield Problem(path, f"needs the CSI driver {driver}, which local clusters do not have")
        return
    known = site.cluster.csi_drivers
    if driver not in known:
        near = did_you_mean(driver, known)
        rule = f"{driver} is not in cluster.csiDrivers, which has: {', '.join(known) or 'none'}{near}"
        yield Problem(path, rule)


def _single_volume_problems(path: Keys, purpose: str, given: Mapping[str, object]) -> Iterator[Problem]:
    """Yield one volume for a purpose that has several."""
    if purpose == "data":
        reason = "each collection has a volume of its own: name this one in storage.data.collections.<name>"
        wrong = ("volumeName", "nfs", "csi")
    elif purpose == "state":
        reason = "state is kept on several small volumes: name a storageClass"
        wrong = ("nfs", "csi")
    else:
        return
    for key in wrong:
        if given[key]:
            yield Problem((*path, key), reason)


def _space_problems(site: Site) -> Iterator[Problem]:
    projects = site.storage.projects
    for name, space in (projects.spaces if projects else {}).items():
        path = ("storage", "projects", "spaces", name)
        if not (space.read_write or space.read_only):
            yield Problem(path, "nobody could open it: name groups in readWrite or readOnly")
        for position, group in enumerate(space.read_only):
            if group in space.read_write:
                yield Problem((*path, "readOnly", position), "has no effect: the group is in readWrite")


def _collection_problems(site: Site, path: Keys, collection: CollectionSpec) -> Iterator[Problem]:
    given = {
        "volumeName": collection.volume_name,
        "claimName": collection.claim_name,
        "nfs": collection.nfs,
        "csi": collection.csi,
        "cvmfs": collection.cvmfs,
    }
    yield from _one_of(path, given)
    if collection.own and collection.size is None:
        keys = ", ".join(given)
        yield Problem(path, f"has no volume: set size for one of its own, or one of {keys}")
    yield from _mount_problems(site, path, collection, [key for key, value in given.items() if value])
    if collection.cvmfs is not None:
        yield from _driver_problems(site, (*path, "cvmfs"), CVMFS_DRIVER)
        if collection.read_write:
            rule = "nobody can change a CernVM-FS repository where it is mounted: publish to it instead"
            yield Problem((*path, "readWrite"), rule)
    elsewhere = next((key for key in ("claimName", "nfs", "csi", "cvmfs") if given[key]), None)
    if elsewhere and collection.keep is not None:
        rule = f"has no effect beside {elsewhere}: what holds the data is not the site's to keep or to lose"
        yield Problem((*path, "keep"), rule)
    if elsewhere and collection.size is not None:
        yield Problem((*path, "size"), f"has no effect beside {elsewhere}: the volume is as large as it is")
    for position, group in enumerate(collection.groups):
        if group in collection.read_write:
            yield Problem((*path, "groups", position), "has no effect: the group is in readWrite")


def _bound_twice(site: Site) -> Iterator[Problem]:
    bound: dict[str, str] = {}
    for path, what, name in volume_names(site):
        if name in bound:
            rule = f"is the volume of {bound[name]} already: a PersistentVolume has one claim"
            yield Problem(path, rule)
        else:
            bound[name] = what


def volume_names(site: Site) -> Iterator[tuple[Keys, str, str]]:
    """Yield the existing PersistentVolumes that a site binds: where it says so, for what, and the name."""
    for purpose, source in site.cluster.volumes.items():
        if source.volume_name is not None:
            yield ("cluster", "volumes", purpose, "volumeName"), purpose, source.volume_name
    for name, collection in site.storage.collections.items():
        if collection.volume_name is not None:
            path = ("storage", "data", "collections", name, "volumeName")
            yield path, f"the collection {name}", collection.volume_name
