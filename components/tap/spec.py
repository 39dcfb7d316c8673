"""The ``tap`` section of a site file: who publishes, what it may cost, and which catalogues there are."""

from typing import Annotated

from pydantic import Field, StringConstraints

from components.database.spec import DatabaseSpec, EmbeddedDatabaseSpec
from infra.fields import Duration, Expected, Host, Memory, Name, Spec

Line = Annotated[
    str,
    StringConstraints(pattern=r"^[^\\\n\r]+$", max_length=500),
    Expected("one line of text without a backslash"),
]
"""A line of text that ends up in the service's descriptions, where a backslash would be a command."""


class ContactSpec(Spec):
    """Whom people write to about the service and its data."""

    name: Line
    """A person, or a desk that several look after."""

    email: Annotated[
        str,
        StringConstraints(pattern=r"^[^@\s\\]+@[^@\s\\]+\.[^@\s\\]+$"),
        Expected("an e-mail address such as archive@example.org"),
    ]
    """E-mail address; everyone sees it."""

    address: Line = "not given"
    """Postal address, which registries ask for."""


TableName = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=30),
    Expected("a name of at most 30 lower-case letters, digits and underscores, such as gaia_dr3"),
]
"""A name in ADQL that needs no quotes."""

ColumnName = Annotated[
    str,
    StringConstraints(pattern=r"^[^\\\n\r]+$", max_length=100),
    Expected("the name of a column as the file has it"),
]


Ucd = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9._;-]*$", max_length=100),
    Expected("a unified content descriptor such as phot.mag;em.opt.V"),
]


class ColumnSpec(Spec):
    """What is said of a column, over what its file says."""

    unit: Line | None = None
    """Unit, as the IVOA's VOUnits writes it."""

    ucd: Ucd | None = None
    """Unified content descriptor (UCD 1+)."""

    description: Line | None = None
    """What the column holds."""


class PositionSpec(Spec):
    """The columns of each row's position on the sky: ICRS, in degrees."""

    ra: ColumnName
    """Right ascension."""

    dec: ColumnName
    """Declination."""


class CatalogueSpec(Spec):
    """A table that is published, from a file of a data collection."""

    title: Line
    """What the catalogue is called."""

    description: Line
    """What it is, in a sentence."""

    collection: Name
    """Data collection that holds its file."""

    path: Annotated[
        str,
        StringConstraints(
            pattern=r"^[A-Za-z0-9_][\w. -]*(/[A-Za-z0-9_][\w. -]*)*\.(fits|fit|vot|xml|csv|ecsv|parquet)$",
            max_length=500,
        ),
        Expected("a path in the collection that ends in .fits, .vot, .xml, .csv, .ecsv or .parquet"),
    ]
    """Its file in the collection; the ending says what it is."""

    version: Line = "1"
    """Change it when the file has changed: the catalogue is then loaded again, beside the old one."""

    table: TableName = "main"
    """Name of its table: queries say ``FROM <catalogue>.<table>``."""

    position: PositionSpec | None = None
    """Position of each row; left out, positions are not indexed."""

    identifier: ColumnName | None = None
    """Column that names each row; with a position, the catalogue has a cone search as well."""

    columns: dict[ColumnName, ColumnSpec] = {}
    """What is said of columns, over what the file says."""

    subjects: list[Name] = ["catalogs"]
    """Subjects, from the Unified Astronomy Thesaurus."""


class LimitsSpec(Spec):
    """What one query may cost."""

    rows: int = Field(default=20_000, ge=1, le=1_000_000_000)
    """Rows of a result where the query does not say how many it wants."""

    most_rows: int = Field(default=10_000_000, ge=1, le=1_000_000_000)
    """Rows of a result whatever the query says."""

    upload: Memory = "20Mi"
    """Size of a table that comes with a query."""

    sync_time: Duration = "1m"
    """Time that a synchronous query may take: somebody waits for it."""

    async_time: Duration = "1h"
    """Time that an asynchronous query may take unless its job asks for another."""

    async_jobs: int = Field(default=4, ge=1, le=100)
    """Asynchronous queries that run at a time; others wait in a queue."""

    retention: Duration = "2d"
    """Time after which a job and its result are deleted."""


class TapSpec(Spec):
    """Catalogues by the IVOA's Table Access Protocol, with simple cone searches beside it."""

    host: Host | None = None
    """DNS name of the service, which cannot live below a path; left out, ``tap.`` before the site's."""

    authority: Annotated[
        str,
        StringConstraints(pattern=r"^[a-zA-Z0-9][-a-zA-Z0-9._]{2,}$", max_length=100),
        Expected("an IVOA authority such as example.org, without ivo://"),
    ]
    """IVOA authority under which resources are named (https://www.ivoa.net/documents/IVOAIdentifiers/)."""

    publisher: Line
    """Who publishes the data, as registries show it."""

    description: Line = "Catalogues of this data centre"
    """What the service is, in a sentence."""

    contact: ContactSpec
    """Whom people write to."""

    limits: LimitsSpec = LimitsSpec()
    """What one query may cost."""

    database: DatabaseSpec = EmbeddedDatabaseSpec(kind="embedded")
    """Where tables are kept; left out, in a server of the site's own."""

    catalogues: dict[TableName, CatalogueSpec] = {}
    """Tables that are published, by the name of their schema."""

    results: Memory = "10Gi"
    """Size of the volume that results of asynchronous queries wait on."""

    memory: Memory = "2Gi"
    """Memory limit of the service: some 250Mi, and 150Mi for each query that runs."""

    cpu: float = Field(default=2, gt=0, le=1024)
    """Cores that the service can use when they are free."""

    publishing_memory: Memory = "2Gi"
    """Memory limit of what publishes a catalogue; VOTable and ECSV are read whole, the others in pieces."""
