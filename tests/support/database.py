"""A PostgreSQL server of the tests, on the node of a local cluster, for hubs whose database is elsewhere."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local.cluster import LocalCluster

USER = "hub"
PASSWORD = "only-for-tests"
ACCOUNT = "postgres"
"""The operating system's user that the server runs as: it refuses to be root's."""


def programs() -> Path:
    """Return the folder of the newest PostgreSQL's programs (Debian's package ``postgresql``)."""
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))


@contextmanager
def database(cluster: LocalCluster, port: int, folder: Path) -> Iterator[str]:
    """Run a server for as long as the body does, and give the URL of its one empty database.

    Parameters
    ----------
    port
        Where it listens on the node's address.
    folder
        Made for it, and removed afterwards; the server's user must be able to reach it.
    """
    folder.mkdir()
    shutil.chown(folder, ACCOUNT, ACCOUNT)
    data, secret = folder / "data", folder / "password"
    secret.write_text(PASSWORD)
    shutil.chown(secret, ACCOUNT)
    as_account = ["runuser", "-u", ACCOUNT, "--"]
    initdb = [
        programs() / "initdb",
        "-D",
        data,
        "-U",
        USER,
        "-A",
        "scram-sha-256",
        f"--pwfile={secret}",
        "-N",
    ]
    subprocess.run([*as_account, *initdb], check=True, capture_output=True)
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write("host all all 0.0.0.0/0 scram-sha-256\n")
    serve = [programs() / "postgres", "-D", data, "-p", str(port), "-k", folder, "-c", "listen_addresses=*"]
    process = subprocess.Popen(
        cluster.command([*as_account, *map(str, serve)]), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await(cluster.node_address, port)
        yield f"postgresql://{USER}:{PASSWORD}@{cluster.node_address}:{port}/postgres"
    finally:
        process.terminate()
        process.wait(timeout=30)
        shutil.rmtree(folder)


def rows(url: str, query: str) -> list[str]:
    """Return what a query finds, a line each."""
    done = subprocess.run(
        [programs() / "psql", url, "-Atc", query], check=True, capture_output=True, text=True
    )
    return done.stdout.splitlines()


def _await(host: str, port: int, within: float = 30) -> None:
    deadline = time.monotonic() + within
    ready = [programs() / "pg_isready", "-q", "-h", host, "-p", str(port)]
    while subprocess.run(ready, check=False).returncode:
        if time.monotonic() > deadline:
            raise AssertionError("the database does not answer")
        time.sleep(0.2)
