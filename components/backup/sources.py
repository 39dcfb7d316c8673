"""What layers hand in to be backed up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from components.policies import Rule


@dataclass(frozen=True, kw_only=True)
class TreeSource:
    """The files of a volume, one folder for each user or project.

    Parameters
    ----------
    name
        Of the source; its repository, CronJob and argument of ``stacks restore`` are called after it.
    claim
        Name of the claim.
    """

    name: str
    claim: str


@dataclass(frozen=True, kw_only=True)
class SqliteSource:
    """A database in a file, which one workload has open: it is copied while it is in use.

    Parameters
    ----------
    claim, file
        Claim that it is on, and its name there.
    user
        Deployment that has it open: its claim may be for one node, so the copy is made beside it; it is stopped
        while the database is put back.
    used
        Query that counts what people have done; 0 for a database that is as good as new.
    secrets
        Secrets without which the database is of no use, and their keys.
    """

    name: str
    claim: str
    file: str
    user: str
    used: str
    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PostgresqlSource:
    """A PostgreSQL database (17 or older), dumped over the network.

    Parameters
    ----------
    url
        Secret and key that hold its URL.
    egress
        Network rules that let the dump reach it.
    user, used, secrets
        As for `SqliteSource`.
    """

    name: str
    url: tuple[str, str]
    egress: Sequence[Rule]
    user: str
    used: str
    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict)


BackupSource = TreeSource | SqliteSource | PostgresqlSource
