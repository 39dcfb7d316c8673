"""What other layers are told of a database."""

from collections.abc import Sequence
from dataclasses import dataclass

from components.policies import Rule


@dataclass(frozen=True, kw_only=True)
class Database:
    """A PostgreSQL database, wherever it is.

    Parameters
    ----------
    secret
        Secret that holds its address under the key ``url``: ``postgresql://user:password@host:port/database``,
        of a user who may create roles and schemas.
    egress
        Network rules that let a pod reach it.
    """

    secret: str
    egress: Sequence[Rule]
