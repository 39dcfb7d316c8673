"""What a cluster is made of, where the plan declares it on a cloud: sorted by what it is for."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stacks.draw.scene import Box, Line, Place, Shape
from stacks.plan import Plan
from stacks.resources import PlannedResource

SORTS: Mapping[str, tuple[str, ...]] = {
    "Names": ("dns", "route53", "record", "zone"),
    "Certificates": ("acm", "certificate"),
    "Load balancing": ("loadbalancer", "lb", "elb", "alb", "octavia", "listener", "floatingip", "eip"),
    "Cluster": ("eks", "containerinfra", "cluster", "nodegroup", "nodepool", "addon"),
    "Databases": ("rds", "database", "db"),
    "Storage": ("efs", "s3", "fsx", "ebs", "sharedfilesystem", "objectstorage", "blockstorage", "bucket"),
    "Keys and rights": ("iam", "kms", "identity", "keymanager", "secretsmanager", "keypair"),
    "Machines": ("compute", "autoscaling", "instance", "launchtemplate"),
    "Network": (
        "network",
        "networking",
        "vpc",
        "subnet",
        "router",
        "securitygroup",
        "gateway",
        "route",
        "ec2",
    ),
}
"""Words of a type by what it is for; the first that fits counts, from the module and then the resource's own name."""

OTHER = "Other resources"
SHOWN = (
    "Network",
    "Load balancing",
    "Names",
    "Certificates",
    "Cluster",
    "Machines",
    "Storage",
    "Databases",
    "Keys and rights",
)
"""The sorts in the order in which they are drawn."""

DETAILS: Mapping[str, str] = {
    "cidr": "{}",
    "cidrBlock": "{}",
    "destinationCidrBlock": "to {}",
    "size": "{} GiB",
    "instanceClass": "{}",
    "flavor": "{}",
    "flavorId": "{}",
    "instanceTypes": "{}",
    "nodeCount": "{} nodes",
    "shareProto": "{}",
    "engine": "{}",
    "version": "version {}",
    "addonName": "{}",
    "type": "{}",
    "availabilityZone": "{}",
}
"""Inputs worth a word, in this order, and the words."""

CLOUDS = {"openstack": "OpenStack", "aws": "Amazon Web Services"}
NOT_CLOUDS = frozenset({"kubernetes", "pulumi", "science-platform", "random", "tls", "command", "std"})
MOST_DETAILS = 2
LONGEST = 60


RELATIONS = re.compile(r".(Access|Alias|Association|Attachment|Entry|Interface|Membership|Policy|Rule)$")
"""Names of types that say how others belong together: they are counted, not drawn one by one."""


def cloud_boxes(plan: Plan) -> Iterator[Box]:
    """Yield a box for each resource that is neither Kubernetes' nor of the program's own, sort by sort."""
    found = [each for each in plan.resources if each.custom and each.package not in NOT_CLOUDS]
    for package in dict.fromkeys(each.package for each in found):
        for sort in (*SHOWN, OTHER):
            members = [each for each in found if each.package == package and sort_of(each.type) == sort]
            relations = [each for each in members if RELATIONS.search(each.type)]
            yield from (_box(plan, each, sort) for each in members if each not in relations)
            if relations:
                yield _relations(package, sort, relations)


def _box(plan: Plan, resource: PlannedResource, sort: str) -> Box:
    name = resource.name.removeprefix(f"{plan.stack}-")
    return Box(
        key=f"cloud/{resource.type}/{name}",
        title=name,
        shape={"Databases": Shape.DATABASE, "Storage": Shape.VOLUME}.get(sort, Shape.RESOURCE),
        place=Place.CLOUD,
        layer=sort,
        cloud=_cloud(resource.package),
        lines=tuple(Line(text) for text in _lines(resource)),
        urn=resource.urn,
        notes=(resource.type,),
    )


def _relations(package: str, sort: str, relations: Sequence[PlannedResource]) -> Box:
    kinds = Counter(_words(each.type.rpartition(":")[2]).lower() for each in relations)
    return Box(
        key=f"cloud/{package}/{sort}/relations",
        title=f"and {len(relations)} more",
        shape=Shape.RESOURCE,
        place=Place.CLOUD,
        layer=sort,
        cloud=_cloud(package),
        lines=tuple(Line(f"{count} of {kind}") for kind, count in sorted(kinds.items())),
    )


def _cloud(package: str) -> str:
    return CLOUDS.get(package, package)


def sort_of(type_: str) -> str:
    """Return what a resource is for, by the words of its type."""
    _, module, name = type_.split(":", 2)
    words = {*module.lower().split("/"), name.lower()}
    for sort, known in SORTS.items():
        if any(word.startswith(known) for word in words):
            return sort
    return OTHER


def _lines(resource: PlannedResource) -> Iterator[str]:
    kind = resource.type.rpartition(":")[2]
    yield _words(kind)
    found = {key: _said(resource.inputs[key]) for key in DETAILS if key in resource.inputs}
    told = [DETAILS[key].format(text) for key, text in found.items() if text][:MOST_DETAILS]
    told = ["1 node" if text == "1 nodes" else text for text in told]
    if told:
        yield " · ".join(told)


def _words(name: str) -> str:
    """Return a type's name as words: ``Node group`` for ``NodeGroup``."""
    parted = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return parted[:1].upper() + parted[1:]


def _said(value: Any) -> str:  # noqa: ANN401 - any input
    if isinstance(value, list):
        return ", ".join(filter(None, (_said(item) for item in value)))
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    text = str(value) if isinstance(value, str | int | float) else ""
    # Masks of secrets and of what is not known yet say nothing.
    return "" if text.startswith("[") or len(text) > LONGEST else text
