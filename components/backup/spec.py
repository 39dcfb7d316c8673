"""The ``backup`` section of a site file: what is kept for how long, where, and when it is made."""

import re
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, StringConstraints

from components.storage.spec import VolumeSpec
from infra.fields import Cidr, Duration, Expected, Memory, Spec

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[str, int, int, tuple[str, ...]], ...] = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 0, 6, _DAYS),
)


def _is_schedule(value: str) -> str:
    """Hold a schedule to what Kubernetes accepts: five fields, names, ranges, lists and steps."""
    if "TZ=" in value:
        raise ValueError("has a time zone in it: write that as timeZone")
    fields = value.split()
    if len(fields) != len(_FIELDS):
        raise ValueError(
            f"expected five fields (minute, hour, day, month, day of the week), found {len(fields)}"
        )
    for text, (what, low, high, names) in zip(fields, _FIELDS, strict=True):
        for item in text.split(","):
            if not _is_item(item.lower(), low, high, names):
                raise ValueError(f"{item!r} is no {what}: expected {low} to {high}, '*', ranges or steps")
    return value


def _is_item(item: str, low: int, high: int, names: tuple[str, ...]) -> bool:
    match = re.fullmatch(r"(?:[*?]|([0-9a-z]+)(?:-([0-9a-z]+))?)(?:/([0-9]+))?", item)
    if match is None or (match[3] is not None and int(match[3]) == 0):
        return False
    numbers = [_number(text, low, names) for text in (match[1], match[2]) if text is not None]
    inside = all(number is not None and low <= number <= high for number in numbers)
    return inside and numbers == sorted(number for number in numbers if number is not None)


def _number(text: str, low: int, names: tuple[str, ...]) -> int | None:
    if text.isdecimal():
        return int(text)
    return names.index(text) + low if text in names else None


def _is_time_zone(value: str) -> str:
    # A machine without the database of time zones leaves it to the cluster, which has one.
    known = available_timezones()
    if known and value not in known:
        raise ValueError("is not a time zone of the IANA database, such as Europe/Berlin or Etc/UTC")
    return value


def _is_certificate(value: str) -> str:
    if "-----BEGIN CERTIFICATE-----" not in value or "-----END CERTIFICATE-----" not in value:
        raise ValueError("expected a certificate in PEM, from -----BEGIN CERTIFICATE----- on")
    return value


Schedule = Annotated[
    str,
    StringConstraints(pattern=r"^\S.*$", max_length=100),
    Expected('a schedule such as "0 2 * * *" (minute, hour, day, month, day of the week)'),
    AfterValidator(_is_schedule),
]
"""When, as cron writes it: five fields; the day of the week is 0 (Sunday) to 6."""

TimeZone = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_+/-]*$"),
    Expected("a time zone such as Europe/Berlin or Etc/UTC"),
    AfterValidator(_is_time_zone),
]
"""A time zone of the IANA database."""

Percentage = Annotated[
    str,
    StringConstraints(pattern=r"^(100|[1-9][0-9]?|0\.[0-9]*[1-9])%$"),
    Expected("a percentage such as 5%"),
]
"""A part of a whole: ``5%``."""

Bucket = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"),
    Expected("the name of a bucket, such as science-backup"),
]

Prefix = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*$", max_length=200),
    Expected("a path such as observatory/science, without a slash at its ends"),
]


class S3TargetSpec(Spec):
    """A bucket; its keys are the secrets ``backupAccessKey`` and ``backupSecretKey``."""

    kind: Literal["s3"]
    """A bucket of an object store that speaks S3."""

    endpoint: Annotated[
        str,
        StringConstraints(pattern=r"^https?://[a-zA-Z0-9.-]+(:[0-9]{1,5})?$"),
        Expected("an address such as https://s3.example.org, with a port if it has one, without a path"),
    ]
    """Address of the object store."""

    bucket: Bucket
    """Bucket, which is there already: none is made."""

    prefix: Prefix | None = None
    """Path in the bucket; left out, the site's name. A site that takes another's place says that one's name."""

    cidr: Cidr | None = None
    """Network that the store is in; left out, public addresses. Backups connect to no other."""

    ca_certificate: Annotated[str, AfterValidator(_is_certificate)] | None = None
    """Certificate (PEM) of the authority that certifies the store, where public ones do not."""

    @property
    def port(self) -> int:
        """Port of the endpoint."""
        scheme, _, rest = self.endpoint.partition("://")
        _, _, port = rest.partition(":")
        return int(port) if port else (443 if scheme == "https" else 80)


class VolumeTargetSpec(VolumeSpec):
    """A volume of the site's own; what happens to the cluster's storage happens to it as well."""

    kind: Literal["volume"]
    """A volume, of the purpose ``backups``."""


TargetSpec = Annotated[S3TargetSpec | VolumeTargetSpec, Field(discriminator="kind")]

Count = Annotated[int, Field(ge=0, le=1000)]


class RetentionSpec(Spec):
    """How many snapshots are kept; one that several rules keep counts for each."""

    keep_last: Count = 0
    """The last so many, whenever they were made."""

    keep_daily: Count = 7
    """The last of each day, for so many days."""

    keep_weekly: Count = 5
    """The last of each week, for so many weeks."""

    keep_monthly: Count = 12
    """The last of each month, for so many months."""

    keep_yearly: Count = 0
    """The last of each year, for so many years."""

    def counts(self) -> dict[str, int]:
        """Return the counts by period, in restic's words."""
        return {
            "last": self.keep_last,
            "daily": self.keep_daily,
            "weekly": self.keep_weekly,
            "monthly": self.keep_monthly,
            "yearly": self.keep_yearly,
        }


class UpkeepSpec(Spec):
    """When snapshots beyond the retention are dropped, and the store is checked."""

    schedule: Schedule = "30 5 * * sun"
    """When, in the same time zone."""

    check: Percentage = "5%"
    """How much of the data each check reads back, at random."""


class BackupSpec(Spec):
    """Backups of homes, project spaces and the hub's state, encrypted with the secret ``backupPassword``.

    Nobody can read them without that password, and nothing makes another: keep a copy of it elsewhere.
    """

    to: TargetSpec
    """Where backups are kept."""

    schedule: Schedule = "0 2 * * *"
    """When backups are made."""

    time_zone: TimeZone = "Etc/UTC"
    """Time zone of the schedules."""

    retention: RetentionSpec = RetentionSpec()
    """How many snapshots are kept."""

    upkeep: UpkeepSpec = UpkeepSpec()
    """When old snapshots are dropped and the store is checked."""

    exclude: list[Annotated[str, StringConstraints(min_length=1, max_length=200)]] = []
    """Patterns of files and folders that are left out, such as ``.cache`` (restic's ``--exclude``)."""

    memory: Memory = "1Gi"
    """Memory limit of a backup: about 1Gi for each ten million files."""

    time_limit: Duration = "20h"
    """Time after which a backup or an upkeep that has not ended is ended."""
