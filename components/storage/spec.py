"""The ``storage`` section of a site file: homes and project spaces."""

from pydantic import Field

from infra.fields import GroupName, Memory, Name, Spec


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


class StorageSpec(Spec):
    """What people's work is kept on."""

    homes: VolumeSpec
    """The volume of home directories, one folder per user."""

    projects: ProjectsSpec | None = None
    """The volume of project spaces; leave out where the site has none."""

    def keeps(self, *, disposable: bool) -> bool:
        """Return whether any of the volumes survives ``down`` on a site that is disposable or not."""
        volumes = [self.homes, *([self.projects] if self.projects else [])]
        return any(volume.kept(disposable=disposable) for volume in volumes)
