"""The hub's memory, for those who back it up: its database and the keys without which nobody can read it."""

from components import policies
from components.backup.sources import BackupSource, PostgresqlSource, SqliteSource
from components.hub.manifests import DATABASE, HUB, KEYS, STATE
from components.hub.spec import HubSpec
from components.policies import egress

FILE = "jupyterhub.sqlite"

USED = "SELECT count(*) FROM users WHERE last_activity IS NOT NULL"
"""Counts the users who have ever been there."""

SECRETS = {KEYS: ("cookieSecret", "cryptKey")}


def backup_source(spec: HubSpec) -> BackupSource:
    """Return the hub's database as a source of backups."""
    if spec.state.kind == "volume":
        return SqliteSource(name=HUB, claim=STATE, file=FILE, user=HUB, used=USED, secrets=SECRETS)
    return PostgresqlSource(
        name=HUB,
        url=(DATABASE, "url"),
        egress=[egress(policies.network(spec.state.cidr), spec.state.port)],
        user=HUB,
        used=USED,
        secrets=SECRETS,
    )
