"""Static Go programs from pinned modules, built once and kept.

A module folder holds ``go.mod`` (its ``tool`` lines name the programs), ``go.sum`` (their hashes) and, for a program
of this project, its source. The binaries land in the cache under a key of all of these, the Go version and the
flags, so nothing is built twice.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from images.errors import ImageError
from infra.paths import cache_dir
from infra.progress import Progress


class GoError(ImageError):
    """Go is missing, too old, or a module did not build; the text says what to do."""


@dataclass(frozen=True)
class GoModule:
    """One pinned module folder and how its programs are built.

    Parameters
    ----------
    folder
        Holds ``go.mod``; ``go.sum`` if anything is required; maybe source.
    estimate
        Seconds of a cold build on two cores, shown before it starts.
    cgo
        Whether the programs link C libraries (only runc, for seccomp).
    tags, ldflags
        As for ``go build``.
    """

    folder: Path
    estimate: float
    cgo: bool = False
    tags: str = ""
    ldflags: str = "-s -w"

    def sources(self) -> list[Path]:
        """Return the files that are compiled, and those that Go code embeds."""
        files = [path for pattern in ("*.go", "*.html") for path in self.folder.rglob(pattern)]
        return [path for path in files if not path.name.endswith("_test.go")]

    def key(self, go_version: str) -> str:
        """Return the cache key: a hash of everything that decides the binaries' bytes."""
        sums = self.folder / "go.sum"
        parts = [
            (self.folder / "go.mod").read_bytes(),
            sums.read_bytes() if sums.is_file() else b"",
            f"{go_version} {self.cgo} {self.tags} {self.ldflags}".encode(),
        ]
        for source in sorted(self.sources()):
            parts += [str(source.relative_to(self.folder)).encode(), source.read_bytes()]
        digest = hashlib.sha256()
        for part in parts:
            digest.update(hashlib.sha256(part).digest())
        return digest.hexdigest()[:16]


def go_version() -> str:
    """Return the version of the Go on PATH, such as ``go1.26.8``."""
    go = shutil.which("go")
    if go is None:
        raise GoError("Go is not installed. Install Go 1.26 or newer (https://go.dev/dl) and put it on PATH.")
    return subprocess.run([go, "env", "GOVERSION"], check=True, capture_output=True, text=True).stdout.strip()


def build(module: GoModule, progress: Progress) -> Path:
    """Return the folder that holds the module's binaries, building them first where the cache lacks them."""
    target = cache_dir() / "go" / f"{module.folder.name}-{module.key(go_version())}"
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with progress.step(f"building {module.folder.name} from Go modules", module.estimate):
        staging = Path(tempfile.mkdtemp(prefix=f".{module.folder.name}-", dir=target.parent))
        try:
            _go_build(module, staging)
            staging.chmod(0o755)
            _publish(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return target


def describe(binary: Path) -> str:
    """Return what ``go version -m`` says of a binary: the Go version and each module linked into it."""
    done = subprocess.run(["go", "version", "-m", binary], check=True, capture_output=True, text=True)
    return done.stdout


def _publish(staging: Path, target: Path) -> None:
    try:
        staging.rename(target)
    except OSError:
        # Another process finished the same build first: its bytes are ours.
        if not target.is_dir():
            raise


def _go_build(module: GoModule, out: Path) -> None:
    command = ["go", "build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags", module.ldflags]
    if module.tags:
        command += ["-tags", module.tags]
    command += ["-o", f"{out}/", "tool"]
    environment = os.environ | {"CGO_ENABLED": "1" if module.cgo else "0", "GOWORK": "off"}
    done = subprocess.run(
        command, cwd=module.folder, env=environment, check=False, capture_output=True, text=True
    )
    if done.returncode:
        tail = "\n".join(done.stderr.strip().splitlines()[-15:])
        raise GoError(f"go build failed in {module.folder}:\n{tail}")
