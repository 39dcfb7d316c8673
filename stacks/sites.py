"""Site files by name: which there are, and the configuration that each holds."""

import difflib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from infra.paths import ROOT
from stacks.site import Site
from stacks.site_frame import PROJECT
from stacks.site_loading import load

FOLDER = ROOT / "stacks"


class UnknownSiteError(Exception):
    """No site file has this name; the text lists those that there are."""


class MissingSecretError(Exception):
    """A secret of the site is not set; the text says how to set it."""


@dataclass(frozen=True, kw_only=True)
class SiteFile:
    """A site and the file that it comes from."""

    name: str
    path: Path
    site: Site

    @property
    def is_stack(self) -> bool:
        """Whether Pulumi finds the file by its stack's name."""
        return self.path.parent.resolve() == FOLDER


def site_paths() -> dict[str, Path]:
    """Return the committed site files by site name."""
    return {site_name(path): path for path in sorted(FOLDER.glob("Pulumi.*.yaml"))}


def site_name(path: Path) -> str:
    """Return the site's name, which is its stack's: ``Pulumi.<name>.yaml``."""
    return path.name.removeprefix("Pulumi.").removesuffix(".yaml")


def find(site: str) -> Path:
    """Return the file of a site given by name or by path."""
    known = site_paths()
    if site in known:
        return known[site]
    if site.endswith(".yaml") and Path(site).is_file():
        return Path(site)
    near = difflib.get_close_matches(site, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise UnknownSiteError(
        f"no site {site!r}: {hint}there are: {', '.join(known)}; a path to a Pulumi.<site>.yaml is good as well"
    )


def read(site: str) -> SiteFile:
    """Load and check one site, given by name or by path."""
    path = find(site)
    return SiteFile(name=site_name(path), path=path, site=load(path))


def program_config(file: SiteFile, *, context: str | None = None) -> dict[str, Any]:
    """Return the plain configuration that Pulumi would give the program for this site."""
    document = yaml.safe_load(file.path.read_text())
    config = {f"{PROJECT}:site": document["config"][f"{PROJECT}:site"]}
    return config | ({f"{PROJECT}:context": context} if context else {})


def secret_variable(key: str) -> str:
    """Return the environment variable that holds a secret where Pulumi does not keep it."""
    snake = "".join(f"_{letter}" if letter.isupper() else letter for letter in key).upper()
    return f"SCIENCE_PLATFORM_{snake}"


def secrets_from_environment(
    keys: Iterable[str], environment: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """Return the site's secrets by configuration key, from the environment.

    Raises
    ------
    MissingSecretError
        If one is not set.
    """
    missing = [secret_variable(key) for key in keys if not environment.get(secret_variable(key))]
    if missing:
        raise MissingSecretError(
            f"set {' and '.join(missing)} in the environment: without the Pulumi CLI, a site's secrets come from there"
        )
    return {f"{PROJECT}:{key}": environment[secret_variable(key)] for key in keys}


def known_secrets(keys: Iterable[str], environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Return the values of those of the site's secrets that are set in the environment."""
    return tuple(filter(None, (environment.get(secret_variable(key)) for key in keys)))
