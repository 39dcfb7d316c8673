"""The server's own configuration files, tuned to the memory and cores that its pod has."""

import math

from components.database.spec import EmbeddedDatabaseSpec
from infra.fields import bytes_of, seconds_of

MIB = 2**20

ADMINISTRATOR = "postgres"
"""The superuser."""

SOCKETS = "/run/postgresql"
FILES = "/etc/postgresql"


def shared_memory(spec: EmbeddedDatabaseSpec) -> int:
    """Return how many MiB of a pod's memory its processes share for the parts of a parallel query."""
    return bytes_of(spec.memory) // MIB // 8


def _memory(spec: EmbeddedDatabaseSpec) -> dict[str, str]:
    """Return what is kept in memory: a quarter for the shared cache, a quarter for sorts, an eighth for indexing.

    What is left are the processes themselves and the kernel's cache of files, which counts as the pod's too.
    """
    total = bytes_of(spec.memory) // MIB
    # A query may sort in several places at once, and not all connections sort.
    work = max(1, total // 4 // spec.connections * 2)
    return {
        "shared_buffers": f"{total // 4}MB",
        "effective_cache_size": f"{total // 2}MB",
        "work_mem": f"{work}MB",
        "maintenance_work_mem": f"{max(16, total // 8)}MB",
        "autovacuum_work_mem": f"{max(16, total // 32)}MB",
        "temp_buffers": "4MB",
        "huge_pages": "off",
    }


def _disk(spec: EmbeddedDatabaseSpec) -> dict[str, str]:
    """Return how the write-ahead log is kept, and how much one query may put aside on the volume."""
    size = bytes_of(spec.size) // MIB
    return {
        "max_wal_size": f"{min(4096, max(256, size // 10))}MB",
        "min_wal_size": "80MB",
        "wal_compression": "on",
        "checkpoint_timeout": "15min",
        # Nobody copies the log elsewhere, so it need not say more than recovery takes: large loads skip it.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        # Volumes are on flash, or on many disks.
        "random_page_cost": "1.1",
        # A join without a condition fills whatever it is given.
        "temp_file_limit": f"{size // 5}MB",
    }


def configuration(spec: EmbeddedDatabaseSpec) -> str:
    """Return ``postgresql.conf`` (https://www.postgresql.org/docs/17/runtime-config.html)."""
    workers = max(1, math.floor(spec.cpu))
    settings = {
        "hba_file": f"'{FILES}/pg_hba.conf'",
        "ident_file": f"'{FILES}/pg_ident.conf'",
        "listen_addresses": "'*'",
        "unix_socket_directories": f"'{SOCKETS}'",
        "max_connections": str(spec.connections),
        "password_encryption": "scram-sha-256",
        # Who has gone does not go on computing.
        "client_connection_check_interval": "5s",
        "tcp_keepalives_idle": "60",
        "idle_in_transaction_session_timeout": "1h",
        **_memory(spec),
        **_disk(spec),
        "max_parallel_workers": str(workers),
        "max_parallel_workers_per_gather": str(workers // 2),
        "max_parallel_maintenance_workers": str(workers // 2),
        "jit": "off",
        "log_destination": "stderr",
        "logging_collector": "off",
        "log_line_prefix": "'%m [%p] %u@%d '",
        "log_min_duration_statement": f"{seconds_of(spec.slow_query)}s",
        # Statements that set passwords would be shown when they fail.
        "log_min_error_statement": "fatal",
        "log_checkpoints": "off",
        "log_timezone": "'UTC'",
        "timezone": "'UTC'",
        "lc_messages": "'C'",
    }
    return "".join(f"{name} = {value}\n" for name, value in settings.items())


ACCESS = f"""\
# The administrator from inside the pod, everybody else with a password.
local all {ADMINISTRATOR} peer map=pod
host all all 0.0.0.0/0 scram-sha-256
host all all ::/0 scram-sha-256
"""
"""``pg_hba.conf``: who may connect, and how they show who they are."""

IDENTITIES = f"pod jovyan {ADMINISTRATOR}\n"
"""``pg_ident.conf``: who the administrator is on the pod's own system."""


def files(spec: EmbeddedDatabaseSpec) -> dict[str, str]:
    """Return the server's configuration files by name."""
    return {
        "postgresql.conf": configuration(spec),
        "pg_hba.conf": ACCESS,
        "pg_ident.conf": IDENTITIES,
    }
