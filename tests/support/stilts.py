"""STILTS of the images' own Debian release, which knows today's VOTable: a root file system to run it in."""

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from images import debian
from images.build import build
from images.catalog import CATALOG, SUITE
from images.chroot import run_in
from images.oci import read_image
from images.parts import Workshop
from infra.paths import cache_dir
from infra.progress import Progress

STORE_PASSWORD = "changeit"  # what Java's own store of certificates has


def root(progress: Progress) -> Path:
    """Return the root file system, made at first (a minute)."""
    target = cache_dir() / "tests" / f"stilts-{SUITE}"
    if not target.is_dir():
        debian.require_host(progress)
        target.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".stilts-", dir=target.parent))
        try:
            with progress.step("installing STILTS", 60):
                below = read_image(build(["base"], progress)["base"]).layers
                shop = Workshop(CATALOG["base"], staging, below, progress)
                # Java's packages insist on a place for their manuals.
                (shop.root / "usr/share/man/man1").mkdir(parents=True, exist_ok=True)
                debian.install(shop.root, ("stilts",))
            shop.root.rename(target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return target


def stilts(task: str, *arguments: str, authority: str, hosts: Mapping[str, str]) -> str:
    """Run a task of STILTS and return what it printed.

    Parameters
    ----------
    authority
        Certificate (PEM) of the only authority to believe.
    hosts
        Addresses by host name; no others are found.

    Raises
    ------
    images.chroot.ChrootError
        It failed.
    """
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "ca.pem").write_text(authority)
        (folder / "hosts").write_text("".join(f"{address} {name}\n" for name, address in hosts.items()))
        place = root(Progress())
        binds = {"/tmp/site": folder}  # inside the chroot
        keytool = ("keytool", "-importcert", "-noprompt", "-alias", "site", "-file", "/tmp/site/ca.pem")
        store = ("-keystore", "/tmp/site/store", "-storepass", STORE_PASSWORD)
        run_in(place, [*keytool, *store], binds=binds)
        settings = {
            "jdk.net.hosts.file": "/tmp/site/hosts",
            "javax.net.ssl.trustStore": "/tmp/site/store",
            "javax.net.ssl.trustStorePassword": STORE_PASSWORD,
        }
        flags = [f"-D{name}={value}" for name, value in settings.items()]
        return run_in(place, ["stilts", *flags, task, *arguments], binds=binds)
