"""Writes `forces_new.json`: inputs of which the providers' SDKs say that changing one makes a new resource.

``python -m stacks.diff.forces_new_docs``, after an upgrade of an SDK; a test holds the two equal.
"""

import importlib
import inspect
import json
import re
from collections.abc import Mapping
from typing import Any

from stacks.diff.fields import child
from stacks.diff.forces_new import DOCUMENTED

TYPES = {
    "pulumi_openstack": (
        "blockstorage.Volume",
        "containerinfra.Cluster",
        "containerinfra.ClusterTemplate",
        "containerinfra.NodeGroup",
        "dns.RecordSet",
        "networking.FloatingIp",
        "networking.Network",
        "networking.Router",
        "networking.RouterInterface",
        "networking.Subnet",
        "objectstorage.Container",
        "sharedfilesystem.Share",
    ),
    "pulumi_aws": (
        "ec2.Eip",
        "ec2.LaunchTemplate",
        "ec2.SecurityGroup",
        "ec2.Subnet",
        "ec2.Vpc",
        "efs.AccessPoint",
        "efs.FileSystem",
        "eks.Addon",
        "eks.Cluster",
        "eks.NodeGroup",
        "iam.Role",
        "kms.Key",
        "rds.Instance",
        "route53.Record",
        "s3.Bucket",
    ),
}
"""The resource types that sites are made of, by SDK."""

_SAYS_SO = re.compile(
    r"(Changing|Modifying) (this|it|any of)( \w+){0,3} (creates|will create|forces|will force)( the creation of)? "
    r"a new|[Ff]orces (a )?new|force resource recreation|force a new \w+ to be created"
)
_PARAMETER = re.compile(r":param ([^\n]*?) (\w+): (.*?)(?=\n\s*:param |\Z)", re.DOTALL)


def documented(resource: type) -> list[str]:
    """Return pointers to the inputs of a resource class whose documentation says that a change makes a new one."""
    arguments: Any = inspect.getmodule(resource)
    cls = getattr(arguments, f"{resource.__name__}Args")
    text = inspect.getdoc(cls.__init__) or ""
    names = wire_names(cls)
    return sorted(
        child("", names[name])
        for _, name, about in _PARAMETER.findall(text)
        if _SAYS_SO.search(" ".join(about.split()))
    )


def wire_names(cls: type) -> Mapping[str, str]:
    """Return the names on the wire by Python names, as `pulumi.input_type` keeps them on each property."""
    return {
        name: getattr(value.fget, "_pulumi_name", name)
        for name, value in vars(cls).items()
        if isinstance(value, property)
    }


def table() -> dict[str, list[str]]:
    """Return what the installed SDKs document, by resource type."""
    found = {}
    for package, names in TYPES.items():
        for name in names:
            module, _, class_name = name.rpartition(".")
            cls = getattr(importlib.import_module(f"{package}.{module}"), class_name)
            found[cls.pulumi_type] = documented(cls)
    return dict(sorted(found.items()))


def text() -> str:
    """Return the table as the file holds it."""
    return json.dumps(table(), indent=1) + "\n"


if __name__ == "__main__":
    DOCUMENTED.write_text(text())
