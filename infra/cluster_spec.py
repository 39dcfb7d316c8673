"""The ``cluster`` section of a site file: where the platform runs."""

from typing import Annotated

from pydantic import Field

from infra.aws.spec import AwsClusterSpec
from infra.openstack.spec import OpenstackClusterSpec
from infra.spec import ExistingClusterSpec, LocalClusterSpec

ClusterSpec = Annotated[
    ExistingClusterSpec | LocalClusterSpec | OpenstackClusterSpec | AwsClusterSpec,
    Field(discriminator="kind"),
]
