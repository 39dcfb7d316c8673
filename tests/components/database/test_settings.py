"""The server's configuration, tuned to what its pod has."""

import pytest

from components.database.settings import configuration, files, shared_memory
from components.database.spec import EmbeddedDatabaseSpec


def settings(**section: object) -> dict[str, str]:
    spec = EmbeddedDatabaseSpec.model_validate({"kind": "embedded", **section})
    pairs = (line.split(" = ", 1) for line in configuration(spec).splitlines())
    return {name: value for name, value in pairs}  # noqa: C416 - a line without a value is an error


@pytest.mark.parametrize(
    ("section", "expected"),
    [
        (
            {"memory": "1Gi", "connections": 60},
            {
                "shared_buffers": "256MB",
                "effective_cache_size": "512MB",
                "work_mem": "8MB",
                "maintenance_work_mem": "128MB",
                "autovacuum_work_mem": "32MB",
            },
        ),
        (
            {"memory": "32Gi", "connections": 200},
            {
                "shared_buffers": "8192MB",
                "effective_cache_size": "16384MB",
                "work_mem": "80MB",
                "maintenance_work_mem": "4096MB",
                "autovacuum_work_mem": "1024MB",
            },
        ),
        (
            {"memory": "128Mi", "connections": 1000},
            {"shared_buffers": "32MB", "work_mem": "1MB", "maintenance_work_mem": "16MB"},
        ),
    ],
)
def test_memory_is_shared_out_by_the_pods_limit(section: dict[str, object], expected: dict[str, str]):
    assert settings(**section).items() >= expected.items()


def test_the_parts_of_parallel_queries_share_an_eighth_of_the_memory():
    assert shared_memory(EmbeddedDatabaseSpec(kind="embedded", memory="2Gi")) == 256


@pytest.mark.parametrize(
    ("size", "log", "spill"),
    [("1Gi", "256MB", "204MB"), ("10Gi", "1024MB", "2048MB"), ("2Ti", "4096MB", "419430MB")],
)
def test_neither_the_log_nor_one_query_fills_the_volume(size: str, log: str, spill: str):
    found = settings(size=size)
    assert (found["max_wal_size"], found["temp_file_limit"]) == (log, spill)


@pytest.mark.parametrize(("cpu", "workers", "each"), [(0.5, "1", "0"), (2, "2", "1"), (8, "8", "4")])
def test_one_query_has_half_of_the_cores_at_most(cpu: float, workers: str, each: str):
    found = settings(cpu=cpu)
    assert (found["max_parallel_workers"], found["max_parallel_workers_per_gather"]) == (workers, each)


def test_slow_queries_are_logged_and_failed_ones_are_not_since_they_may_set_passwords():
    found = settings(slowQuery="2m")
    assert (found["log_min_duration_statement"], found["log_min_error_statement"]) == ("120s", "fatal")


def test_the_administrator_comes_in_from_the_pod_itself_or_with_a_password_as_everyone():
    found = files(EmbeddedDatabaseSpec(kind="embedded"))
    assert found.keys() == {"postgresql.conf", "pg_hba.conf", "pg_ident.conf"}
    rules = [line.split() for line in found["pg_hba.conf"].splitlines() if not line.startswith("#")]
    assert rules == [
        ["local", "all", "postgres", "peer", "map=pod"],
        ["host", "all", "all", "0.0.0.0/0", "scram-sha-256"],
        ["host", "all", "all", "::/0", "scram-sha-256"],
    ]
    assert found["pg_ident.conf"] == "pod jovyan postgres\n"
