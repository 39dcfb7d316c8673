"""What operators are told of what is used."""

import json

from components.storage.spec import QuotasSpec
from stacks.usage import Count, last_count, shown, table, unheld

GI = 2**30
QUOTAS = QuotasSpec.model_validate({"heldBy": "fileServer", "homes": {"default": "50Gi"}})


def folder(volume: str, name: str, used: int | None, limit: int | None, *, complete: bool = True) -> dict:
    return {"volume": volume, "name": name, "used": used, "limit": limit, "complete": complete}


COUNT = Count(
    at=1700000000,
    folders=[
        folder("homes", "ada", 3 * GI, 50 * GI),
        folder("homes", "bob", 40 * GI, None),
        folder("homes", "eve", None, 50 * GI),
        folder("projects", "survey", 1536, None, complete=False),
    ],
)


def test_the_last_count_that_is_whole_is_taken():
    first, second, third = ([folder("homes", "ada", used, None)] for used in (1, 2, 3))
    begins, ends = {"counting": "begins"}, {"counting": "ends", "at": 7}
    lines = [begins, *first, ends, begins, *second, ends | {"at": 9}, begins, *third]
    log = "not of the counter\n" + "\n".join(map(json.dumps, lines))
    assert last_count(log) == Count(at=9, folders=second)


def test_a_count_that_is_not_finished_is_none():
    assert last_count('{"counting": "begins"}\n' + json.dumps(folder("homes", "ada", 1, None))) is None


def test_the_table_has_the_largest_first_and_says_what_is_not_held():
    assert table(COUNT, QUOTAS).splitlines() == [
        "                            used     limit",
        "homes/bob                 40 GiB  NOT HELD",
        "homes/ada                3.0 GiB    50 GiB",
        "homes/eve                unknown    50 GiB",
        "projects/survey  1.5 KiB or more      none",
        "1 folders are NOT HELD to their limit: docs/storage.md says how to hold them",
    ]


def test_without_quotas_nothing_is_to_be_held():
    assert (unheld(COUNT, None), unheld(COUNT, QUOTAS)) == ([], [COUNT.folders[1]])


def test_amounts_are_shown_as_people_read_them():
    assert [shown(each) for each in (0, 1023, 1024, 10 * GI, 1536 * 2**40, None)] == [
        "0 B",
        "1023 B",
        "1.0 KiB",
        "10 GiB",
        "1.5 PiB",
        "unknown",
    ]
