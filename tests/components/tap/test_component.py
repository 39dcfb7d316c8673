"""What TAP declares, and what it tells the edge."""

import pytest

from components.storage.volumes import Collection
from components.tap.component import Tap
from components.tap.spec import TapSpec
from stacks.plan import Options, Plan
from tests.support.layer import objects_of, planned_layer

SECTION = {
    "authority": "example.org",
    "publisher": "Example observatory",
    "contact": {"name": "Archive desk", "email": "archive@example.org"},
}


def planned(*secrets: str, disposable: bool = False, **changes: object) -> tuple[Plan, Tap]:
    made: list[Tap] = []
    plan = planned_layer(
        lambda place, options: made.append(
            Tap(
                "demo-tap",
                place=place,
                spec=TapSpec.model_validate({**SECTION, **changes}),
                site_url="https://demo.localhost:30443",
                site_host="demo.localhost",
                collections={"surveys": Collection(claim="data-surveys")},
                options=options,
            )
        ),
        disposable=disposable,
        secrets=secrets,
    )
    return plan, made[0]


def test_everything_that_tap_is_made_of():
    plan, _ = planned()
    assert sorted(objects_of(plan, "demo-tap")) == [
        "ConfigMap config",
        "ConfigMap database-config",
        "Deployment server",
        "NetworkPolicy database-policy",
        "NetworkPolicy policy",
        "PersistentVolumeClaim database-state",
        "PersistentVolumeClaim results",
        "Secret database-tap-database-admin",
        "Secret tap-database-roles",
        "Service database-service",
        "Service service",
        "StatefulSet database-server",
    ]


def test_the_service_says_the_url_that_people_open_port_and_all():
    plan, tap = planned()
    assert tap.door.host == "tap.demo.localhost"
    data = objects_of(plan, "demo-tap")["ConfigMap config"].inputs["data"]
    assert isinstance(data, dict)
    assert "serverURL: https://tap.demo.localhost:30443\n" in data["gavo.rc"]


def test_a_database_elsewhere_is_found_by_its_secret_address():
    plan, _ = planned("tapDatabaseUrl", database={"kind": "external", "cidr": "10.0.8.0/28"})
    objects = objects_of(plan, "demo-tap")
    assert [name for name in objects if "database" in name] == [
        "Secret database-tap-database-admin",
        "Secret tap-database-roles",
    ]


def test_the_roles_have_passwords_of_their_own_that_nobody_sees():
    plan, _ = planned()
    roles = objects_of(plan, "demo-tap")["Secret tap-database-roles"]
    assert roles.inputs["data"] == dict.fromkeys(("feed", "trustedquery", "untrustedquery"), "[secret]")
    assert roles.options.ignore_changes == ("data",)


@pytest.mark.parametrize(
    ("disposable", "options"), [(False, Options(protect=True, retain_on_delete=True)), (True, Options())]
)
def test_results_are_kept_but_on_disposable_sites(disposable: bool, options: Options):
    plan, _ = planned(disposable=disposable)
    assert objects_of(plan, "demo-tap")["PersistentVolumeClaim results"].options == options


MESSIER = {
    "title": "Messier",
    "description": "Nebulae that are no comets",
    "collection": "surveys",
    "path": "old/messier.vot",
}


def test_each_catalogue_has_a_job_that_waits_for_the_database_and_its_section():
    plan, _ = planned(catalogues={"messier": MESSIER, "messier_2": MESSIER})
    objects = objects_of(plan, "demo-tap")
    assert {
        "Job publish-messier",
        "Job publish-messier_2",
        "NetworkPolicy publisher-policy",
    } <= objects.keys()
    job = objects["Job publish-messier_2"]
    assert objects["ConfigMap catalogue-messier_2"].urn in job.dependencies


def test_a_new_catalogue_leaves_the_service_and_the_others_alone():
    one = objects_of(planned(catalogues={"messier": MESSIER})[0], "demo-tap")
    two = objects_of(planned(catalogues={"messier": MESSIER, "other": MESSIER})[0], "demo-tap")
    assert {name: two[name].inputs for name in one} == {name: each.inputs for name, each in one.items()}
