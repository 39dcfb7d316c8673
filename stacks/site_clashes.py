"""What only several site files together show: two sites that want the same thing of one cluster."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from components.gateways.spec import hosts
from stacks.site import Site
from stacks.site_errors import Keys, Located, Problem
from stacks.site_frame import SITE_PATH, open_document, shown
from stacks.site_loading import load
from stacks.site_storage_rules import volume_names


def clashes(files: Iterable[Path]) -> list[Located]:
    """Return what two sites on one cluster cannot both have; it is reported in the later file.

    Raises
    ------
    SiteError
        One of the files is wrong by itself.
    """
    taken: dict[tuple[object, ...], Path] = {}
    found = []
    for file in files:
        for path, what, claim in _claims(load(file), file):
            first = taken.setdefault(claim, file)
            if first != file:
                problem = Problem(
                    (*SITE_PATH, *path), f"is the {what} of {first.name} too, on the same cluster"
                )
                mark = open_document(file).place(problem)
                found.append(Located(file, mark, shown(problem.path), problem.rule))
    return found


def _claims(site: Site, file: Path) -> Iterator[tuple[Keys, str, tuple[object, ...]]]:
    """Yield what a site has of its cluster for itself: where it says so, in words, and the thing."""
    edge, cluster = site.edge, site.cluster
    # A cluster that the stack makes is its own.
    where = file if cluster.made else cluster.place
    yield ("edge", "host"), "host", (cluster.kind, where, "host", edge.host)
    for gateway, host in hosts(site.gateways, edge.host).items():
        yield ("gateways", gateway, "host"), "host", (cluster.kind, where, "host", host)
    if edge.node_port is not None:
        yield ("edge", "nodePort"), "node port", (cluster.kind, where, "port", edge.node_port)
    for path, _, volume in volume_names(site):
        yield path, "volume", (cluster.kind, where, "volume", volume)
