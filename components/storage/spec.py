"""The ``storage`` section of a site file: homes, project spaces, scratch, software and data collections."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from infra.fields import Duration, Expected, GroupName, Memory, Name, ObjectName, Spec, Username
from infra.spec import CsiSpec, MountOption, NfsSpec, Purpose

Repository = Annotated[
    str,
    StringConstraints(
        pattern=r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$", max_length=253
    ),
    Expected("the full name of a repository, such as sw.example.org"),
]
"""The fully qualified name of a CernVM-FS repository."""


HeldBy = Literal["fileServer", "cephfs", "nodes"]
"""Who sets the limits of users and project spaces."""


class VolumeSpec(Spec):
    """One volume that the site keeps."""

    size: Memory
    """Size to ask for; it can grow, never shrink."""

    keep: bool | None = None
    """Whether ``down`` leaves it; left out, everything is kept but on disposable sites."""

    def kept(self, *, disposable: bool) -> bool:
        """Return whether the volume survives ``down`` on a site that is disposable or not."""
        return not disposable if self.keep is None else self.keep


class ProjectSpaceSpec(Spec):
    """A folder that the members of some groups share, mounted at ``/projects/<name>``."""

    title: str = Field(default="", max_length=80)
    """What the space is for."""

    read_write: list[GroupName] = []
    """Groups whose members may change files."""

    read_only: list[GroupName] = []
    """Groups whose members may read files; who is in both may change them."""


class ProjectsSpec(VolumeSpec):
    """The volume of project spaces, and the spaces on it."""

    spaces: dict[Name, ProjectSpaceSpec] = Field(min_length=1)
    """Project spaces by name."""


class ScratchSpec(VolumeSpec):
    """The volume of files that are not kept: each user's own folder, mounted at ``/scratch``."""

    clean_after: Duration = "30d"
    """Time after which a file that nobody has read or changed is removed; whole hours."""


class SoftwareSpec(VolumeSpec):
    """The volume of software that everyone uses, mounted at ``/software``."""

    read_write: list[GroupName] = Field(min_length=1)
    """Groups whose members install it; everyone else reads."""


class CvmfsSpec(Spec):
    """A CernVM-FS repository."""

    repository: Repository
    """Its full name."""


class CollectionSpec(Spec):
    """A data collection, mounted at ``/data/<name>``: on a volume of its own, or one that is there already."""

    title: str = Field(default="", max_length=80)
    """What the collection is."""

    groups: list[GroupName] = []
    """Groups whose members may read it; empty for everyone."""

    read_write: list[GroupName] = []
    """Groups whose members may change it; left out, nobody in the platform does."""

    size: Memory | None = None
    """Size of a volume of its own, from ``cluster.volumes.data``."""

    keep: bool | None = None
    """Whether ``down`` leaves a volume of its own, or the hold on an existing one; left out, as for homes."""

    volume_name: ObjectName | None = None
    """Name of an existing PersistentVolume that holds it."""

    claim_name: ObjectName | None = None
    """Name of an existing claim in the site's namespace that holds it."""

    nfs: NfsSpec | None = None
    """Folder of an NFS server that holds it."""

    csi: CsiSpec | None = None
    """Volume of a CSI driver that holds it."""

    cvmfs: CvmfsSpec | None = None
    """CernVM-FS repository that it is; the cluster must have the driver."""

    mount_options: list[MountOption] = []
    """Options with which nodes mount an ``nfs`` or ``csi`` volume."""

    @property
    def own(self) -> bool:
        """Whether its volume is made for it."""
        return not (self.volume_name or self.claim_name or self.nfs or self.csi or self.cvmfs)

    def kept(self, *, disposable: bool) -> bool:
        """Return whether what the site declares for it survives ``down`` on a site that is disposable or not."""
        # Of what others keep and servers only read, nothing is lost with the site's own objects.
        loses = self.own or self.volume_name is not None or bool(self.read_write)
        return self.claim_name is None and loses and (not disposable if self.keep is None else self.keep)


class DataSpec(Spec):
    """Data that servers find below ``/data``."""

    collections: dict[Name, CollectionSpec] = Field(min_length=1)
    """Data collections by name."""


class FolderQuotaSpec(Spec):
    """How much each user may have on a volume: the user's own limit, else the largest of the user's groups'."""

    default: Memory
    """Limit of who has no other."""

    groups: dict[GroupName, Memory] = {}
    """Limits of the members of groups."""

    users: dict[Username, Memory] = {}
    """Limits of single users, whatever their groups."""


class SpaceQuotaSpec(Spec):
    """How much each project space may hold."""

    default: Memory
    """Limit of a space that has no other."""

    spaces: dict[Name, Memory] = {}
    """Limits of single spaces."""


class QuotasSpec(Spec):
    """Limits that a file system holds people to; ``python -m stacks quotas`` prints them for where they are set."""

    held_by: HeldBy
    """Where limits are set: on the fileServer that exports the volumes, on cephfs, or on the nodes themselves."""

    homes: FolderQuotaSpec | None = None
    """What users may have in their homes; left out, no limit."""

    scratch: FolderQuotaSpec | None = None
    """What users may have in scratch; left out, no limit."""

    projects: SpaceQuotaSpec | None = None
    """What project spaces may hold; left out, no limit."""


class UsageSpec(Spec):
    """What is used is counted by user and by project space, for ``python -m stacks usage`` and for Prometheus."""

    every: Duration = "6h"
    """How often it is counted."""


class StorageSpec(Spec):
    """What people's work is kept on."""

    homes: VolumeSpec
    """The volume of home directories, one folder per user."""

    projects: ProjectsSpec | None = None
    """The volume of project spaces; leave out where the site has none."""

    scratch: ScratchSpec | None = None
    """The volume of files that are removed by age; leave out where the site has none."""

    software: SoftwareSpec | None = None
    """The volume of shared software; leave out where the site has none."""

    data: DataSpec | None = None
    """Data collections; leave out where the site has none."""

    quotas: QuotasSpec | None = None
    """Limits of users and project spaces; leave out for none."""

    usage: UsageSpec | None = None
    """Counting of what is used; leave out for none."""

    @property
    def collections(self) -> dict[Name, CollectionSpec]:
        """Data collections by name."""
        return self.data.collections if self.data else {}

    @property
    def purposes(self) -> tuple[Purpose, ...]:
        """What the cluster gives volumes for, by its section of the site file."""
        return tuple(self._purposes())

    def _purposes(self) -> Iterator[Purpose]:
        yield "homes"
        if self.projects:
            yield "projects"
        if self.scratch:
            yield "scratch"
        if any(collection.own for collection in self.collections.values()):
            yield "data"
        if self.software:
            yield "software"

    @property
    def sizes(self) -> dict[Purpose, str]:
        """Sizes of the volumes of which there is one for a purpose."""
        volumes: dict[Purpose, VolumeSpec | None] = {
            "homes": self.homes,
            "projects": self.projects,
            "scratch": self.scratch,
            "software": self.software,
        }
        return {purpose: volume.size for purpose, volume in volumes.items() if volume is not None}

    def keeps(self, *, disposable: bool) -> bool:
        """Return whether any of the volumes survives ``down`` on a site that is disposable or not."""
        volumes = [self.homes, self.projects, self.scratch, self.software, *self.collections.values()]
        return any(volume.kept(disposable=disposable) for volume in volumes if volume)
