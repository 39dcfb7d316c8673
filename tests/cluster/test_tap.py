"""Catalogues on the real cluster: valid by the reference validator, and back by themselves after a crash."""

import re
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from infra.paths import ROOT
from stacks.journey.offer import Offer
from stacks.journey.route import LOOPBACK
from tests.support.processes import kill_container
from tests.support.site import DeployedSite, eventually
from tests.support.stilts import stilts

pytestmark = pytest.mark.cluster

COLUMNS = "tap_schema.columns"
ENDLESS = (
    f"SELECT COUNT(*) FROM {COLUMNS} AS a, {COLUMNS} AS b, {COLUMNS} AS c, {COLUMNS} AS d, {COLUMNS} AS e"  # noqa: S608 - ADQL of the test's own
)
"""A join without a condition, of some 10^11 rows."""


@pytest.fixture(scope="module")
def site() -> Iterator[DeployedSite]:
    deployed = DeployedSite(ROOT / "tests/journey/sites/Pulumi.tap.yaml")
    try:
        deployed.up()
        yield deployed
    finally:
        deployed.down(everything=True)


@pytest.fixture(scope="module")
def url(site: DeployedSite) -> str:
    return site.record["doors"]["tap"]["url"].rstrip("/")


@pytest.fixture(scope="module")
def client(site: DeployedSite) -> Iterator[httpx.Client]:
    with Offer.of(site.record).route.client(timeout=60) as client:
        yield client


def rows(client: httpx.Client, url: str, query: str) -> list[str]:
    """Return the lines of a synchronous query's result, without the names of the columns."""
    answer = client.post(f"{url}/tap/sync", data={"LANG": "ADQL", "FORMAT": "csv", "QUERY": query})
    assert answer.status_code == 200, answer.text[:1000]
    return answer.text.split()[1:]


def started(client: httpx.Client, url: str, query: str) -> str:
    """Return the URL of an asynchronous job that has been started."""
    made = client.post(f"{url}/tap/async", data={"LANG": "ADQL", "FORMAT": "csv", "QUERY": query})
    job = str(made.url)
    client.post(f"{job}/phase", data={"PHASE": "RUN"})
    return job


def in_phase(client: httpx.Client, job: str, *phases: str) -> bool:
    return client.get(f"{job}/phase").text.strip() in phases


def test_the_service_is_valid(site: DeployedSite, url: str):
    host = httpx.URL(url).host
    report = stilts(
        "taplint",
        f"tapurl={url}/tap",
        "report=EWFS",
        "format=text",
        authority=site.record["caCertificate"],
        hosts={host: LOOPBACK},
    )
    assert "Totals: Errors: 0;" in report, report
    # What is left: pages that are optional, and DaCHS's own style. Anything else is news.
    assert set(re.findall(r"^([WF]-\w+-\w+)-", report, re.MULTILINE)) == {
        "W-CAP-SVR0",  # the edge does not say which server answers
        "W-CAP-CPUL",  # capabilities and tables are told where DaCHS has them, which works as well
        "W-MDQ-CCAS",  # sourceRD is written sourcerd in results
        "W-UPL-YAR1",  # arraysize="1" in what comes back of an upload
        "F-LOC-NOTP",  # no planned observations
        "F-EXA-EXNO",  # no page of examples
    }


def test_a_second_up_changes_nothing(site: DeployedSite):
    declared, lives = site.declared(), site.lives()
    said = site.up()
    assert (site.declared(), site.lives()) == (declared, lives)
    assert re.search(r"^ *unchanged \d+$", said, re.MULTILINE), said


def test_a_killed_service_comes_back_with_the_results_it_had(
    site: DeployedSite, client: httpx.Client, url: str
):
    done = started(client, url, "SELECT COUNT(*) FROM tap_schema.schemas")
    eventually(partial(in_phase, client, done, "COMPLETED"), "a small job is done", within=60)
    before = client.get(f"{done}/results/result").text
    running = started(client, url, ENDLESS)
    eventually(partial(in_phase, client, running, "EXECUTING"), "a long job runs", within=60)

    kill_container(site, "tap")

    eventually(partial(rows, client, url, "SELECT 1 FROM tap_schema.schemas"), "queries work", within=120)
    assert client.get(f"{done}/results/result").text == before
    eventually(
        partial(in_phase, client, running, "ERROR", "ABORTED"), "the long job has ended as failed", within=120
    )


def test_a_killed_database_comes_back_and_queries_with_it(site: DeployedSite, client: httpx.Client, url: str):
    before = rows(client, url, "SELECT COUNT(*) FROM tap_schema.columns")

    kill_container(site, "tap-database")

    took = eventually(
        lambda: rows(client, url, "SELECT COUNT(*) FROM tap_schema.columns") == before,
        "queries work",
        within=120,
    )
    assert took > 0
