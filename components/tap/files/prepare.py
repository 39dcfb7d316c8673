"""Makes DaCHS's folders and its part of the database ready; what is ready already stays as it is.

Run before the service, and with ``folders`` before anything else that uses DaCHS: the folders are as short-lived as
the pod, and the service has made the rest. ``DATABASE_URL`` is the address of the database, of a user who may create
roles and schemas.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import psycopg2
import psycopg2.extensions

WAIT_SECONDS = 600
OLDEST_SERVER = 150000
"""PostgreSQL 15, as the driver numbers versions."""

EXTENSIONS = ("pg_sphere", "q3c")
VOCABULARY_ROOT = "http://www.ivoa.net/rdf/"


class PrepareError(Exception):
    """The service cannot be made ready; the text says why and what to do, without secrets."""


def connect(
    url: str, *, wait: float = WAIT_SECONDS, say: Callable[[str], None] = print
) -> psycopg2.extensions.connection:
    """Return a connection, as soon as the server takes one.

    Raises
    ------
    PrepareError
        It takes none within ``wait`` seconds, or never will.
    """
    deadline = time.monotonic() + wait
    said = False
    while True:
        try:
            return psycopg2.connect(url, connect_timeout=10)
        except psycopg2.OperationalError as error:
            reason = str(error).strip().splitlines()[-1]
            # The server answered: no wait will change its mind.
            if (
                "authentication failed" in reason
                or "does not exist" in reason
                or "no pg_hba.conf entry" in reason
            ):
                raise PrepareError(f"the database refuses: {reason}. Set its address again") from None
            if time.monotonic() > deadline:
                raise PrepareError(f"the database does not answer: {reason}") from None
            if not said:
                say("waiting for the database")
                said = True
            time.sleep(1)


def require_extensions(connection: psycopg2.extensions.connection) -> None:
    """Make sure that the server is new enough and has what finds positions on the sky.

    Raises
    ------
    PrepareError
        It is not, or has not, and this user may not change that.
    """
    if connection.server_version < OLDEST_SERVER:
        raise PrepareError(f"PostgreSQL {OLDEST_SERVER // 10000} or newer is needed")
    for name in EXTENSIONS:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_extension WHERE extname = %s", (name,))
            if cursor.fetchone():
                continue
            try:
                cursor.execute(f"CREATE EXTENSION {name}")
            except psycopg2.Error as error:
                connection.rollback()
                reason = str(error).strip().splitlines()[0]
                raise PrepareError(
                    f"the database has no extension {name}, and it cannot be created: {reason}. Have its "
                    f"administrator install it, and run in this database: CREATE EXTENSION {name}"
                ) from None
        connection.commit()


def dsn_file(parameters: Mapping[str, str]) -> str:
    """Return DaCHS's ``dsn`` profile from a connection's parameters: where the database is, and nothing secret."""
    known = {"host": "host", "port": "port", "dbname": "database", "sslmode": "sslmode"}
    return "".join(
        f"{theirs} = '{parameters[ours]}'\n" for ours, theirs in known.items() if ours in parameters
    )


def write_folders(root: Path, files: Path) -> None:
    """Write what DaCHS would otherwise make up, or fetch from the internet."""
    from gavo.utils import defuseFileName

    configuration = root / "etc"
    configuration.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(files / "defaultmeta.txt", configuration / "defaultmeta.txt")
    cache = root / "cache"
    cache.mkdir(exist_ok=True)
    for name, terms in json.loads((files / "vocabularies.json").read_text()).items():
        # As DaCHS names what it has fetched.
        (cache / defuseFileName(VOCABULARY_ROOT + name)).write_text(vocabulary(name, terms))


def vocabulary(name: str, terms: list[str]) -> str:
    """Return a vocabulary in its form for programs, desise (IVOA Vocabularies in the VO 2.1, 3.2.1)."""
    described = {
        term: {
            "label": term.replace("-", " ").capitalize(),
            "description": "",
            "wider": [],
            "narrower": [],
        }
        for term in terms
    }
    return json.dumps({"uri": VOCABULARY_ROOT + quote(name), "flavour": "SKOS", "terms": described})


def initialise(url: str) -> None:
    """Let DaCHS make its folders, roles and tables; `dachs init` itself succeeds when it has failed."""
    from gavo.user import initdachs

    dsn = initdachs.DSN(psycopg2.extensions.make_dsn(**psycopg2.extensions.parse_dsn(url)))
    initdachs.createFSHierarchy(dsn)
    initdachs.initDB(dsn)


def make_folders(url: str) -> None:
    """Let DaCHS make its folders only."""
    from gavo.user import initdachs

    initdachs.createFSHierarchy(
        initdachs.DSN(psycopg2.extensions.make_dsn(**psycopg2.extensions.parse_dsn(url)))
    )


def publish_services() -> None:
    """Publish TAP and DaCHS's other services of its own."""
    # In a process of its own: this one has imported half of DaCHS before there was a database to look at.
    subprocess.run(["dachs", "pub", "//services", "//tap"], check=True)


def await_service(connection: psycopg2.extensions.connection, wait: float = WAIT_SECONDS) -> None:
    """Wait until the service has made its tables and published itself.

    Raises
    ------
    PrepareError
        It has not within ``wait`` seconds.
    """
    deadline = time.monotonic() + wait
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT to_regclass('dc.resources') IS NOT NULL")
            if cursor.fetchone() == (True,):
                cursor.execute("SELECT 1 FROM dc.resources WHERE sourcerd = '__system__/tap'")
                if cursor.fetchone():
                    return
        connection.rollback()
        if time.monotonic() > deadline:
            raise PrepareError("the service has not made its tables: see the log of its own pod")
        time.sleep(1)


def main(arguments: Sequence[str]) -> None:
    """Prepare the pod that this runs in."""
    url = os.environ.pop("DATABASE_URL")
    root, files = Path("/var/gavo"), Path("/etc/tap")
    connection = connect(url)
    write_folders(root, files)
    (root / "etc/dsn").write_text(dsn_file(psycopg2.extensions.parse_dsn(url)))
    if arguments == ["folders"]:
        await_service(connection)
        make_folders(url)
        return
    require_extensions(connection)
    connection.close()
    initialise(url)
    publish_services()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except PrepareError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)
