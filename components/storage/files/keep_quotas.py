"""Hold every user and project space to its limit, where the file system itself is: on the file server or the node.

    keep_quotas.py LIMITS.json homes=/export/homes projects=/export/projects

Run as root, again and again (a timer): what is right already is left alone. Nothing but Python (3.9 or newer) and
Linux 5.14 are needed. LIMITS.json is what ``python -m stacks quotas SITE`` prints: by volume, the ``default`` of a
folder and the ``limits`` of some, in bytes.

On ext4 and XFS, mounted with ``prjquota``, each folder becomes a project with a hard limit (quotactl_fd(2)). The
volume's root becomes one as well, with the default limit: folders that are new share that until the next run. On
CephFS, mounted with the right to set quotas, each folder gets ``ceph.quota.max_bytes``.

The people whose files these are may swap anything for anything meanwhile: every step goes from a folder that is held
open to a name in it, and follows no link.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import stat
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

EXT4, XFS, CEPH, NFS = 0xEF53, 0x58465342, 0x00C36400, 0x6969
NAMES = {EXT4: "ext4", XFS: "XFS", CEPH: "CephFS", NFS: "NFS"}

FIRST_PROJECT = 1_000_000
"""Project ids below are left to others, such as container runtimes."""

GET_ATTRIBUTES, SET_ATTRIBUTES = 0x801C581F, 0x401C5820
INHERIT = 0x200
ATTRIBUTES = struct.Struct("=5I8s")
"""``struct fsxattr``: flags, extent size, extents, project, copy-on-write extent size (linux/fs.h)."""

QUOTACTL_FD = 443
GET_QUOTA, SET_QUOTA, PROJECT = 0x800007, 0x800008, 2
QUOTA = struct.Struct("=8QI4x")
"""``struct if_dqblk``: limits in KiB, hard and soft, and what is used; the last says which count (linux/quota.h)."""
BLOCK_LIMITS = 1

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
ANYTHING = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC

Limits = Mapping[str, Any]
"""The ``default`` of a folder and the ``limits`` of some, in bytes."""

Buffer = Any
"""A buffer of ctypes."""

libc = ctypes.CDLL(None, use_errno=True)


class CannotHoldError(Exception):
    """The limits cannot be held here; the text says why and what to do."""


def kind_of(folder: int) -> int:
    """Return the magic number of the file system that an open folder is on (statfs(2))."""
    buffer = ctypes.create_string_buffer(256)
    if libc.fstatfs(folder, buffer) != 0:
        raise OSError(ctypes.get_errno(), "statfs")
    return struct.unpack_from("=l", buffer)[0] & 0xFFFFFFFF


def attributes(file: int) -> tuple[int, int]:
    """Return the flags and the project of an open file."""
    buffer = bytearray(ATTRIBUTES.size)
    fcntl.ioctl(file, GET_ATTRIBUTES, buffer)
    flags, _, _, project, _, _ = ATTRIBUTES.unpack(buffer)
    return flags, project


def assign(file: int, project: int, *, is_folder: bool) -> bool:
    """Make an open file part of a project; a folder hands it on to what is made in it. Return whether that is new."""
    buffer = bytearray(ATTRIBUTES.size)
    fcntl.ioctl(file, GET_ATTRIBUTES, buffer)
    flags, extent, extents, old, cow, rest = ATTRIBUTES.unpack(buffer)
    wanted = flags | INHERIT if is_folder else flags
    if (old, flags) == (project, wanted):
        return False
    fcntl.ioctl(file, SET_ATTRIBUTES, ATTRIBUTES.pack(wanted, extent, extents, project, cow, rest))
    return True


def _quotactl(volume: int, command: int, project: int, buffer: Buffer) -> None:
    number = ctypes.c_uint(command << 8 | PROJECT)
    if libc.syscall(QUOTACTL_FD, volume, number, ctypes.c_uint(project), buffer) != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def limit_of(volume: int, project: int) -> int:
    """Return the hard limit of a project in bytes; 0 where it has none."""
    buffer = ctypes.create_string_buffer(QUOTA.size)
    try:
        _quotactl(volume, GET_QUOTA, project, buffer)
    except FileNotFoundError:
        return 0
    return QUOTA.unpack(buffer.raw)[0] * 1024


def set_limit(volume: int, project: int, limit: int) -> None:
    """Give a project a hard limit in bytes."""
    blocks = limit // 1024
    _quotactl(
        volume,
        SET_QUOTA,
        project,
        ctypes.create_string_buffer(QUOTA.pack(blocks, blocks, *[0] * 6, BLOCK_LIMITS)),
    )


def assign_below(top: int, project: int) -> None:
    """Make all that is below an open folder part of a project; at most two folders are open, however deep it goes."""
    device = os.fstat(top).st_dev
    here, names = os.dup(top), os.listdir(top)
    trail: list[tuple[tuple[int, int], list[str]]] = []
    try:
        while True:
            if not names:
                if not trail:
                    return
                identity, names = trail.pop()
                above = os.open("..", FOLDER, dir_fd=here)
                os.close(here)
                here = above
                if _identity(here) != identity:
                    raise CannotHoldError("a folder was moved while its files were counted: run this again")
                continue
            below = _assign_one(here, names.pop(), project, device)
            if below is not None:
                trail.append((_identity(here), names))
                os.close(here)
                here, names = below, os.listdir(below)  # noqa: PTH208 - of an open folder
    finally:
        os.close(here)


def _identity(folder: int) -> tuple[int, int]:
    found = os.fstat(folder)
    return found.st_dev, found.st_ino


def _assign_one(folder: int, name: str, project: int, device: int) -> int | None:
    """Make one entry part of a project; return it opened where it is a folder of the same file system."""
    try:
        kind = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
        # Links, pipes and sockets hold nothing and cannot be opened for this.
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            return None
        file = os.open(name, ANYTHING, dir_fd=folder)
    except OSError:
        return None  # gone, or swapped for a link
    found = os.fstat(file)
    is_folder = stat.S_ISDIR(found.st_mode)
    if found.st_dev == device and (is_folder or stat.S_ISREG(found.st_mode)):
        assign(file, project, is_folder=is_folder)
        if is_folder:
            return file
    os.close(file)
    return None


def folders_of(volume: int) -> Iterator[tuple[str, int]]:
    """Yield the folders of a volume, by name, each open while it is looked at."""
    for name in sorted(os.listdir(volume)):
        try:
            folder = os.open(name, FOLDER, dir_fd=volume)
        except OSError:
            continue  # a file or a link: nobody's folder
        try:
            yield name, folder
        finally:
            os.close(folder)


class Projects:
    """The projects of one file system, which may hold several volumes."""

    def __init__(self) -> None:
        self.taken: set[int] = set()
        self.seen: set[int] = set()

    def learn(self, volume: int) -> None:
        """Take note of the projects that a volume's folders are."""
        self.taken.add(attributes(volume)[1])
        for _, folder in folders_of(volume):
            self.taken.add(attributes(folder)[1])

    def of(self, folder: int) -> int:
        """Return the project of an open folder: its own where it has one that no other folder has, else a new one."""
        flags, project = attributes(folder)
        if project < FIRST_PROJECT or project in self.seen or not flags & INHERIT:
            project = max(FIRST_PROJECT - 1, *self.taken) + 1
            self.taken.add(project)
        self.seen.add(project)
        return project


def hold_projects(volume: int, limits: Limits, projects: Projects) -> tuple[int, int]:
    """Hold the folders of a volume on ext4 or XFS to their limits; return how many were changed, of how many."""
    try:
        everything = projects.of(volume)
        assign(volume, everything, is_folder=True)
        set_limit(volume, everything, limits["default"])
    except OSError as error:
        raise CannotHoldError(
            f"project quotas are off ({error.strerror}): mount the file system with -o prjquota (ext4 also needs the "
            "features project and quota: tune2fs -O project,quota)"
        ) from None
    changed = count = 0
    for name, folder in folders_of(volume):
        count += 1
        project, wanted = projects.of(folder), limits["limits"].get(name, limits["default"])
        fresh, now = assign(folder, project, is_folder=True), limit_of(volume, project)
        # The limit is the last that is set: a folder without one was left half done.
        if fresh or not now:
            assign_below(folder, project)
        if now // 1024 != wanted // 1024:
            set_limit(volume, project, wanted)
            changed += 1
    return changed, count


def hold_cephfs(volume: int, limits: Limits) -> tuple[int, int]:
    """Hold the folders of a volume on CephFS to their limits; return how many were changed, of how many."""
    changed = count = 0
    for name, folder in folders_of(volume):
        count += 1
        wanted = str(limits["limits"].get(name, limits["default"])).encode()
        try:
            now = os.getxattr(folder, "ceph.quota.max_bytes")
        except OSError:
            now = b""
        if now.strip(b"\0") != wanted:
            os.setxattr(folder, "ceph.quota.max_bytes", wanted)
            changed += 1
    return changed, count


def refusal(kind: int) -> str:
    """Return why limits cannot be held on a kind of file system."""
    if kind == NFS:
        return "this is NFS, mounted from elsewhere: run this on the server that exports it"
    return f"no quotas of folders are known of this file system ({kind:#x}); ext4, XFS and CephFS have them"


def hold_volume(volume: int, limits: Limits | None, projects: Mapping[int, Projects]) -> tuple[int, int]:
    """Hold the folders of an open volume to their limits; return how many were changed, of how many."""
    kind = kind_of(volume)
    if limits is None:
        raise CannotHoldError("no limits are given for a volume of this name")
    if kind in (EXT4, XFS):
        return hold_projects(volume, limits, projects[os.fstat(volume).st_dev])
    if kind == CEPH:
        return hold_cephfs(volume, limits)
    raise CannotHoldError(refusal(kind))


def hold(limits: Mapping[str, Limits], volumes: Mapping[str, str]) -> tuple[list[str], bool]:
    """Hold volumes to their limits: name to path; return a line for each, and whether all could be."""
    lines: list[str] = []
    projects: dict[int, Projects] = {}
    well = True
    opened = {name: os.open(path, os.O_RDONLY | os.O_DIRECTORY) for name, path in volumes.items()}
    for volume in opened.values():
        if kind_of(volume) in (EXT4, XFS):
            projects.setdefault(os.fstat(volume).st_dev, Projects()).learn(volume)
    for name, volume in opened.items():
        try:
            changed, count = hold_volume(volume, limits.get(name), projects)
            lines.append(f"{name}: {count} folders on {NAMES[kind_of(volume)]}, {changed} limits changed")
        except (CannotHoldError, OSError) as error:
            lines.append(f"{name}: NOT HELD: {error}")
            well = False
        finally:
            os.close(volume)
    return lines, well


def main(arguments: Sequence[str]) -> int:
    """Hold the volumes that are named to the limits in a file."""
    pairs = dict(argument.split("=", 1) for argument in arguments[1:] if "=" in argument)
    if not pairs or len(pairs) != len(arguments) - 1:
        print("usage: keep_quotas.py LIMITS.json NAME=FOLDER ...", file=sys.stderr)
        return 2
    lines, well = hold(json.loads(Path(arguments[0]).read_text()), pairs)
    print("\n".join(lines))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
