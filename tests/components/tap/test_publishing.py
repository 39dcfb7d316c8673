"""The Jobs that publish catalogues."""

import json

from components.objects import selector
from components.policies import DNS
from components.storage.volumes import Collection
from components.tap.publishing import configuration, job, publisher_policy
from components.tap.spec import CatalogueSpec
from tests.components.tap.test_manifests import PARTS, SPEC, TO_DATABASE

MESSIER = CatalogueSpec.model_validate(
    {"title": "Messier", "description": "No comets", "collection": "surveys", "path": "old/messier.vot"}
)
CATALOGUES = SPEC.model_copy(update={"catalogues": {"old_messier": MESSIER}})
SURVEYS = {"surveys": Collection(claim="data-surveys")}


def test_a_catalogue_is_read_from_its_collection_which_stays_as_it_is():
    pod = job(CATALOGUES, PARTS, "old_messier", SURVEYS)["spec"]["template"]["spec"]
    (publisher,) = pod["containers"]
    assert publisher["command"] == ["/opt/tap/bin/python", "/etc/tap/publish.py", "old_messier"]
    assert {"mountPath": "/data/surveys", "name": "data", "readOnly": True} in publisher["volumeMounts"]
    claim = {"claimName": "data-surveys", "readOnly": True}
    assert {"name": "data", "persistentVolumeClaim": claim} in pod["volumes"]
    assert pod["initContainers"][0]["command"] == ["python3", "/etc/tap/prepare.py", "folders"]
    assert pod["restartPolicy"] == "Never"


def test_the_section_is_handed_over_as_the_site_has_it():
    data = configuration(CATALOGUES, PARTS, "old_messier")["data"]
    assert json.loads(data["catalogues.json"]) == {"old_messier": MESSIER.model_dump(mode="json")}


def test_another_version_is_another_job_and_the_same_is_the_same():
    def name(version: str) -> str:
        changed = MESSIER.model_copy(update={"version": version})
        spec = SPEC.model_copy(update={"catalogues": {"old_messier": changed}})
        return job(spec, PARTS, "old_messier", SURVEYS)["metadata"]["name"]

    assert name("1") == name("1") != name("2")
    assert name("1").startswith("tap-publish-old-messier-")


def test_what_publishes_reaches_the_database_and_nobody_reaches_it():
    assert publisher_policy(PARTS)["spec"] == {
        "podSelector": {"matchLabels": selector("demo", "tap-publisher")},
        "policyTypes": ["Ingress", "Egress"],
        "ingress": [],
        "egress": [DNS, TO_DATABASE],
    }
