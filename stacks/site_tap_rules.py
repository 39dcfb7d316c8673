"""The rules of TAP's section: hosts, and limits that hold each other."""

from collections.abc import Iterator

from components.tap.spec import TapSpec
from infra.fields import bytes_of, seconds_of
from stacks.site import Site
from stacks.site_errors import Problem, did_you_mean

_MIB = 2**20
_SERVICE = 250
_QUERY = 150
"""MiB that the service takes by itself, and more for each query that runs."""

_SMALLEST_VOLUME = 2**30
_SMALLEST_PUBLISHER = 512 * _MIB

_TAKEN = ("dc", "information_schema", "ivoa", "platform", "public", "tap_schema", "tap_upload", "uws")


def tap_problems(site: Site) -> Iterator[Problem]:
    """Yield what is wrong with how catalogues are served."""
    tap = site.tap
    if tap is None:
        return
    if tap.host == site.edge.host:
        rule = "must be another than edge.host: the service cannot live below a path"
        yield Problem(("tap", "host"), rule)
    yield from _limit_problems(tap)
    yield from _catalogue_problems(site, tap)
    database = tap.database
    if database.kind == "embedded" and bytes_of(database.size) < _SMALLEST_VOLUME:
        rule = "must be at least 1Gi, which the database needs without any table"
        yield Problem(("tap", "database", "size"), rule)


def _catalogue_problems(site: Site, tap: TapSpec) -> Iterator[Problem]:
    collections = site.storage.collections
    for name, catalogue in tap.catalogues.items():
        path = ("tap", "catalogues", name)
        if name in _TAKEN or name.startswith("pg_"):
            yield Problem(
                path, "is a schema of the database or the service itself: choose another name", "key"
            )
        if catalogue.collection not in collections:
            known = ", ".join(collections) or "none"
            near = did_you_mean(catalogue.collection, collections)
            rule = f"is not in storage.data.collections, which has: {known}{near}"
            yield Problem((*path, "collection"), rule)
        elif collections[catalogue.collection].groups:
            rule = "is a collection for some groups only, and what is published is for everyone"
            yield Problem((*path, "collection"), rule)
        if bytes_of(tap.publishing_memory) < _SMALLEST_PUBLISHER:
            yield Problem(("tap", "publishingMemory"), "must be at least 512Mi")


def _limit_problems(tap: TapSpec) -> Iterator[Problem]:
    limits = tap.limits
    if limits.rows > limits.most_rows:
        yield Problem(("tap", "limits", "rows"), f"must not exceed limits.mostRows, {limits.most_rows}")
    if seconds_of(limits.sync_time) > seconds_of(limits.async_time):
        rule = f"must not exceed limits.asyncTime, {limits.async_time}"
        yield Problem(("tap", "limits", "syncTime"), rule)
    needed = _SERVICE + _QUERY * limits.async_jobs
    if bytes_of(tap.memory) < needed * _MIB:
        rule = f"must be at least {needed}Mi: {_SERVICE}Mi, and {_QUERY}Mi for each of limits.asyncJobs"
        yield Problem(("tap", "memory"), rule)
