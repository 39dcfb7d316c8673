"""What a layer's database declares, and what it tells the layer."""

import pytest

from components.database.component import PostgreSql
from components.database.handle import Database
from components.database.spec import DatabaseSpec, EmbeddedDatabaseSpec, ExternalDatabaseSpec
from components.objects import selector
from stacks.plan import Options, Plan
from tests.support.layer import objects_of, planned_layer

EMBEDDED = EmbeddedDatabaseSpec(kind="embedded")
EXTERNAL = ExternalDatabaseSpec(kind="external", cidr="10.0.8.0/28", port=6432)
KEPT = Options(protect=True, retain_on_delete=True)


def planned(spec: DatabaseSpec, *secrets: str, disposable: bool = False) -> tuple[Plan, Database]:
    told: list[Database] = []
    plan = planned_layer(
        lambda place, options: told.append(
            PostgreSql(
                "demo-tap-database",
                place=place,
                spec=spec,
                component="tap-database",
                database="tap",
                callers=("tap",),
                url_key="tapDatabaseUrl",
                priority_class="science-demo-core",
                options=options,
            ).database
        ),
        disposable=disposable,
        secrets=secrets,
    )
    return plan, told[0]


def test_an_embedded_database_is_a_server_its_volume_and_its_administrator():
    plan, database = planned(EMBEDDED)
    assert sorted(objects_of(plan, "demo-tap-database")) == [
        "ConfigMap config",
        "NetworkPolicy policy",
        "PersistentVolumeClaim state",
        "Secret tap-database-admin",
        "Service service",
        "StatefulSet server",
    ]
    assert database == Database(
        secret="tap-database-admin",
        egress=(
            {
                "to": [{"podSelector": {"matchLabels": selector("demo", "tap-database")}}],
                "ports": [{"port": 5432, "protocol": "TCP"}],
            },
        ),
    )


@pytest.mark.parametrize(("disposable", "options"), [(False, KEPT), (True, Options())])
def test_volume_and_password_are_kept_together_but_on_disposable_sites(disposable: bool, options: Options):
    plan, _ = planned(EMBEDDED, disposable=disposable)
    objects = objects_of(plan, "demo-tap-database")
    assert objects["PersistentVolumeClaim state"].options == options
    secret = objects["Secret tap-database-admin"].options
    assert (secret.protect, secret.retain_on_delete) == (options.protect, options.retain_on_delete)


def test_the_password_is_made_once_and_shown_to_nobody():
    plan, _ = planned(EMBEDDED)
    secret = objects_of(plan, "demo-tap-database")["Secret tap-database-admin"]
    assert secret.inputs["data"] == {"password": "[secret]", "url": "[secret]"}
    assert secret.options.ignore_changes == ("data",)


def test_the_server_waits_for_its_volume_and_configuration():
    plan, _ = planned(EMBEDDED)
    objects = objects_of(plan, "demo-tap-database")
    needed = {objects["ConfigMap config"].urn, objects["PersistentVolumeClaim state"].urn}
    assert needed <= set(objects["StatefulSet server"].dependencies)


def test_a_database_elsewhere_is_a_secret_that_follows_the_configuration_and_a_way_to_its_network():
    plan, database = planned(EXTERNAL, "tapDatabaseUrl")
    objects = objects_of(plan, "demo-tap-database")
    assert list(objects) == ["Secret tap-database-admin"]
    assert objects["Secret tap-database-admin"].inputs["data"] == {"url": "[secret]"}
    assert objects["Secret tap-database-admin"].options.ignore_changes == ()
    assert database.egress == (
        {
            "to": [{"ipBlock": {"cidr": "10.0.8.0/28"}}],
            "ports": [{"port": 6432, "protocol": "TCP"}],
        },
    )
