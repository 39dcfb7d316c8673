"""Node applications from a ``package-lock.json``, fetched and checked without npm.

Every package is a tarball whose SHA-512 the lock file holds. Install scripts are not run: none of ours needs one.
"""

import base64
import hashlib
import io
import json
import os
import tarfile
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from images.errors import ImageError
from infra.paths import cache_dir

_REGISTRY = "https://registry.npmjs.org"
_TIMEOUT = 120


class NodeError(ImageError):
    """A package could not be fetched or is not what the lock file says."""


@dataclass(frozen=True)
class NodePackage:
    """One entry of a lock file: where it goes below the application, what it is, and its hash (``sha512-…``)."""

    path: str
    name: str
    version: str
    integrity: str

    def url(self, registry: str) -> str:
        """Return where a registry keeps the tarball."""
        return f"{registry.rstrip('/')}/{self.name}/-/{self.name.rpartition('/')[2]}-{self.version}.tgz"


def locked(lock: str) -> tuple[NodePackage, ...]:
    """Return the packages of a lock file (version 3) that are needed to run."""
    return tuple(
        NodePackage(
            path,
            entry.get("name") or path.rpartition("node_modules/")[2],
            entry["version"],
            entry["integrity"],
        )
        for path, entry in sorted(json.loads(lock)["packages"].items())
        if path and not entry.get("dev")
    )


def install(lock: str, into: Path) -> None:
    """Put the packages of a lock file into ``into/node_modules``.

    Raises
    ------
    NodeError
        A package is not to be had, or its bytes are not those of the lock file.
    """
    for package in locked(lock):
        with tarfile.open(fileobj=io.BytesIO(_fetch(package)), mode="r:gz") as archive:
            for member in archive:
                # Everything in a package is below one folder, mostly but not always called "package".
                member.name = member.name.partition("/")[2]
                if member.isfile() and member.name:
                    archive.extract(member, into / package.path, filter="data")


def _fetch(package: NodePackage) -> bytes:
    algorithm, _, expected = package.integrity.partition("-")
    if algorithm != "sha512":
        raise NodeError(
            f"{package.name}: the lock file has no SHA-512 of it; run `python -m images lock proxy`."
        )
    kept = cache_dir() / "npm" / base64.b64decode(expected).hex()
    if kept.is_file():
        return kept.read_bytes()
    url = package.url(os.environ.get("npm_config_registry", _REGISTRY))  # noqa: SIM112 - npm's own spelling
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT) as answer:  # noqa: S310 - the operator's own registry
            data = answer.read()
    except (urllib.error.URLError, TimeoutError) as error:
        raise NodeError(
            f"cannot fetch {url}: {error}. Another registry is set by npm_config_registry."
        ) from error
    if base64.b64encode(hashlib.sha512(data).digest()).decode() != expected:
        raise NodeError(f"{url} is not what the lock file says: its SHA-512 differs.")
    kept.parent.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}")
    part.write_bytes(data)
    part.rename(kept)
    return data


def requirements(package_json: str) -> tuple[str, ...]:
    """Return the names of the packages that an application asks for itself."""
    return tuple(sorted(json.loads(package_json)["dependencies"]))


def programs(package: Path) -> dict[str, str]:
    """Return the programs of an unpacked package: name → path in it."""
    stated = json.loads((package / "package.json").read_text()).get("bin", {})
    if isinstance(stated, str):
        stated = {package.name: stated}
    return {name: target.removeprefix("./") for name, target in stated.items()}
