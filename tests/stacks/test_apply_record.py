"""The record of a stack."""

from dataclasses import replace
from typing import Any, cast

import pytest

from stacks.apply_delete import kept_with
from stacks.apply_objects import Identity
from stacks.apply_record import (
    LABELS,
    NAMESPACE,
    Entry,
    Record,
    delete_namespace_if_unused,
    from_json,
    to_json,
)


def entry(name: str, *needs: str, namespace: str | None = "demo") -> Entry:
    kind = "Namespace" if namespace is None else "ConfigMap"
    return Entry(
        urn=f"urn:{name}",
        identity=Identity("", kind, namespace, name),
        version="v1",
        dependencies=tuple(f"urn:{need}" for need in needs),
    )


def record(*entries: Entry) -> Record:
    return Record(entries={each.urn: each for each in entries})


def test_a_record_is_read_as_it_was_written():
    written = record(replace(entry("a"), protect=True), replace(entry("b", "a"), autonamed=True))
    written.doomed.append(entry("c"))
    assert from_json(to_json(written)) == written


def test_a_record_of_a_later_format_is_refused():
    with pytest.raises(ValueError, match="the stack's record is in format 2, and this version reads 1"):
        from_json('{"format": 2}')


def test_a_renamed_resource_takes_its_entry_over_in_place():
    kept = record(entry("a"), entry("old"), entry("z", "old"))
    found = kept.take_over("urn:new", ["urn:older", "urn:old"])
    assert found
    assert (found.urn, found.identity.name) == ("urn:new", "old")
    assert list(kept.entries) == ["urn:a", "urn:new", "urn:z"]
    assert kept.entries["urn:z"].dependencies == ("urn:new",)


def test_a_resource_that_is_not_recorded_takes_nothing_over():
    kept = record(entry("a"))
    assert kept.take_over("urn:b", ["urn:c"]) is None
    assert list(kept.entries) == ["urn:a"]


def test_the_order_is_the_programs_and_what_is_gone_comes_last():
    kept = record(entry("gone"), entry("b"), entry("a"))
    kept.in_order(["urn:a", "urn:new", "urn:b"])
    assert list(kept.entries) == ["urn:a", "urn:b", "urn:gone"]


def test_what_is_protected_is_kept_with_all_that_it_needs():
    entries = [
        entry("demo", namespace=None),
        entry("other", namespace=None),
        entry("class", namespace="system"),
        replace(entry("homes", "class"), protect=True),
        replace(entry("retained", namespace="other"), retain_on_delete=True),
        entry("plain", "homes"),
    ]
    assert kept_with(entries) == {"urn:demo", "urn:other", "urn:class", "urn:homes", "urn:retained"}


def test_nothing_is_kept_where_nothing_is_protected():
    assert kept_with([entry("demo", namespace=None), entry("a")]) == set()


class Cluster:
    """A cluster that has some records and leases, and remembers what was deleted."""

    def __init__(self, **objects: int) -> None:
        self.objects = objects
        self.deleted: list[str] = []

    def list(self, _: str, kind: str, namespace: str, *, labels: object) -> list[object]:
        assert (namespace, labels) == (NAMESPACE, LABELS)
        return [{}] * self.objects.get(kind, 0)

    def delete(self, *which: str) -> None:
        self.deleted.append("/".join(which[1:]))


@pytest.mark.parametrize(
    ("objects", "deleted"),
    [({}, [f"Namespace/{NAMESPACE}"]), ({"Secret": 1}, []), ({"Lease": 1}, [])],
    ids=["nothing", "another stack", "another run"],
)
def test_the_namespace_of_the_records_goes_with_the_last_of_them(objects: dict[str, int], deleted: list[str]):
    cluster = Cluster(**objects)
    delete_namespace_if_unused(cast("Any", cluster))
    assert cluster.deleted == deleted
