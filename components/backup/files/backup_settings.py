"""What a site backs up, where to and for how long: the document ``backup.json`` beside this module."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
DOCUMENT = "BACKUP_DOCUMENT"
"""Variable that names another document than the one beside this module."""

TREE = "tree"
SQLITE = "sqlite"
POSTGRESQL = "postgresql"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One thing that is backed up, in a repository of its own.

    Attributes
    ----------
    kind
        ``tree``: the files below the mount; ``sqlite``, ``postgresql``: a database.
    file
        Name of SQLite's file below the mount.
    used
        Query that counts what people have done in the database; 0 for one that is as good as new.
    kept
        Secrets that belong to the database: variable that holds a value, to its Secret and key.
    """

    name: str
    kind: str
    file: str = ""
    used: str = ""
    kept: Mapping[str, tuple[str, str]]

    def kept_secrets(self, environment: Mapping[str, str] = os.environ) -> dict[str, dict[str, str]]:
        """Return the values of the secrets: Secret to key to value."""
        values: dict[str, dict[str, str]] = {}
        for variable, (secret, key) in self.kept.items():
            values.setdefault(secret, {})[key] = environment[variable]
        return values


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A site's backup.

    Attributes
    ----------
    store
        Where the repositories are, in restic's words: a folder, or ``s3:https://host/bucket/prefix``.
    sources
        What is backed up, by name.
    keep
        How many snapshots to keep of each period, in restic's words: ``{"daily": 7}``.
    exclude
        Patterns of what is left out.
    check
        How much of the data each check reads, such as ``5%``.
    """

    site: str
    store: str
    ca_certificate: str | None
    sources: Mapping[str, Source]
    keep: Mapping[str, int]
    exclude: Sequence[str]
    check: str

    def repository(self, source: str) -> str:
        """Return the repository of a source."""
        return f"{self.store}/{source}"


def parse(document: Mapping[str, Any]) -> Settings:
    """Return the settings that a document holds."""
    return Settings(
        site=document["site"],
        store=document["store"],
        ca_certificate=document["caCertificate"],
        sources={name: Source(name=name, **source) for name, source in document["sources"].items()},
        keep=document["keep"],
        exclude=document["exclude"],
        check=document["check"],
    )


def load() -> Settings:
    """Return the settings of this pod."""
    return parse(json.loads(Path(os.environ.get(DOCUMENT, FOLDER / "backup.json")).read_text()))
