"""The ``accept`` section of a site file: losses that the site takes on purpose."""

from typing import Annotated

from pydantic import Field, StringConstraints

from infra.fields import Expected, Spec

ResourceKey = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]*( [A-Za-z0-9]+)*/[^\s/]+$", max_length=300),
    Expected(
        "a kind and a name as `python -m stacks diff` prints them, such as PersistentVolumeClaim/homes or "
        "openstack Share/homes"
    ),
]
"""What `python -m stacks diff` calls a resource: ``PersistentVolumeClaim/homes``."""


class AcceptanceSpec(Spec):
    """That one resource may be lost, once: in the change that writes it here."""

    reason: str = Field(min_length=10, max_length=300)
    """Why the loss is right, and where the data is by then; whoever reviews the change reads it."""
