"""What holds for the plan of every site."""

import base64
from typing import Any

import pytest

from components.gateways.spec import hosts
from components.policies import deny_all
from stacks.plan import Plan, PlannedResource, plan
from stacks.program import main
from stacks.render import to_json, to_tree, to_yaml
from stacks.site import Site
from tests.support.plans import EXAMPLES, SITES, Case, of_the_platform, planned_file, planned_site, site_value

KEPT = {
    "boreal": {
        "Namespace science-boreal",
        "PersistentVolume science-boreal-backups",
        "PersistentVolumeClaim backups",
        "PersistentVolumeClaim edge-state",
        "PersistentVolumeClaim homes",
        "PersistentVolumeClaim projects",
        "PersistentVolumeClaim scratch",
        "PersistentVolumeClaim software",
        "Secret hub-keys",
    },
    "local": {
        "Namespace science-local",
        "PersistentVolumeClaim homes",
        "PersistentVolumeClaim projects",
    },
    "meridian": {
        "Namespace science-meridian",
        "PersistentVolumeClaim homes",
        "PersistentVolumeClaim projects",
        "PersistentVolumeClaim scratch",
        "PersistentVolumeClaim data-release-4",
        "PersistentVolumeClaim tap-database",
        "PersistentVolumeClaim tap-results",
        "Secret hub-keys",
        "Secret tap-database-admin",
    },
}
"""By site: what `down` leaves."""


def objects(planned: Plan) -> list[tuple[PlannedResource, dict[str, Any]]]:
    """Return the Kubernetes objects of a platform, each with its resource."""
    return [(each, dict(each.inputs)) for each in of_the_platform(planned)]


def kept(planned: Plan) -> set[str]:
    return {
        f"{manifest['kind']} {manifest['metadata']['name']}"
        for resource, manifest in objects(planned)
        if resource.options.protect and resource.options.retain_on_delete
    }


def test_a_plan_is_the_same_bytes_whatever_the_secrets_are_and_shows_none(
    case: Case, site: Site, planned: Plan, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("secrets.token_hex", lambda _: "made-up-hex")
    monkeypatch.setattr("secrets.token_urlsafe", lambda _: "made-up-password")
    monkeypatch.setattr(
        "components.edge.component.make_authority", lambda *_: ("certificate", "made-up-private-key")
    )
    given = {key: f"given-{key}" for key in site.secret_keys}
    again = plan(
        main,
        stack=planned.stack,
        config={"site": site_value(case.path), **given},
        secrets=given,
        preview=case.preview,
    )
    shown = "".join([to_json(again), to_yaml(again), to_tree(again), repr(again)])
    assert "[secret]" in shown
    values = ["made-up-hex", "made-up-password", "made-up-private-key", *given.values()]
    encoded = [base64.b64encode(value.encode()).decode() for value in values]
    assert [value for value in values + encoded if value in shown] == []
    assert to_json(again) == to_json(planned)


@pytest.mark.parametrize("name", SITES)
def test_preview_and_up_declare_the_same(name: str):
    """Only what a cloud answers is known later; nothing appears or goes with it."""
    before, after = planned_file(SITES[name], preview=True), planned_file(SITES[name])
    assert [(each.urn, each.options, each.dependencies) for each in before.resources] == [
        (each.urn, each.options, each.dependencies) for each in after.resources
    ]
    assert [each.inputs for each in of_the_platform(before) if "[computed]" not in str(each.inputs)] == [
        after_it.inputs
        for before_it, after_it in zip(of_the_platform(before), of_the_platform(after), strict=True)
        if "[computed]" not in str(before_it.inputs)
    ]


def test_every_secret_is_masked_whole(planned: Plan):
    secrets = [manifest for _, manifest in objects(planned) if manifest["kind"] == "Secret"]
    assert secrets
    assert {value for secret in secrets for value in secret["data"].values()} == {"[secret]"}


def test_every_object_has_the_sites_labels(planned: Plan):
    for _, manifest in objects(planned):
        labels = manifest["metadata"]["labels"]
        component = labels.get("app.kubernetes.io/component")
        assert component, manifest["metadata"]
        assert (
            labels.items()
            >= {
                "app.kubernetes.io/name": component,
                "app.kubernetes.io/instance": planned.stack,
                "app.kubernetes.io/part-of": "science-platform",
                "app.kubernetes.io/managed-by": "pulumi",
            }.items()
        )


def test_cluster_wide_names_carry_the_site_and_all_else_is_in_its_namespace(planned: Plan):
    space = f"science-{planned.stack}"
    for _, manifest in objects(planned):
        metadata = manifest["metadata"]
        if manifest["kind"] in ("Namespace", "PersistentVolume", "PriorityClass"):
            assert metadata["name"].startswith(space)
            assert "namespace" not in metadata
        else:
            assert metadata["namespace"] == space


def test_every_resource_has_the_one_provider_of_the_site(planned: Plan):
    (provider,) = (each.urn for each in planned.resources if each.type == "pulumi:providers:kubernetes")
    assert {each.provider for each in planned.resources if each.is_manifest} == {provider}


def test_every_object_in_the_namespace_depends_on_it_so_that_what_is_kept_keeps_it(planned: Plan):
    (space,) = (each.urn for each, manifest in objects(planned) if manifest["kind"] == "Namespace")
    assert [
        resource.name
        for resource, manifest in objects(planned)
        if "namespace" in manifest["metadata"] and space not in resource.dependencies
    ] == []


def test_the_namespace_denies_what_no_policy_allows_and_admits_only_restricted_pods(planned: Plan):
    manifests = [manifest for _, manifest in objects(planned)]
    (space,) = (manifest for manifest in manifests if manifest["kind"] == "Namespace")
    assert space["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert deny_all(planned.stack) in manifests


@pytest.mark.parametrize("name", KEPT)
def test_what_each_site_keeps(name: str):
    assert kept(planned_file(SITES[name])) == KEPT[name]


def test_only_disposable_sites_and_sites_that_say_so_lose_volumes(planned: Plan, site: Site):
    storage = site.storage
    sections = {
        "homes": storage.homes,
        "projects": storage.projects,
        "scratch": storage.scratch,
        "software": storage.software,
        **{f"data-{name}": each for name, each in storage.collections.items()},
    }
    for resource, manifest in objects(planned):
        if manifest["kind"] == "PersistentVolumeClaim":
            section = sections.get(manifest["metadata"]["name"])
            keep = section.kept(disposable=site.disposable) if section else not site.disposable
            assert (resource.options.protect, resource.options.retain_on_delete) == (keep, keep)


def test_what_is_kept_is_in_a_namespace_that_is_kept(planned: Plan):
    names = kept(planned)
    assert not names or f"Namespace science-{planned.stack}" in names


def test_the_namespace_is_kept_even_where_nothing_but_the_hubs_database_is():
    site = site_value(EXAMPLES["existing"])
    site["storage"] = {"homes": {"size": "1Ti", "keep": False}}
    assert kept(planned_site("example", site)) == {
        "Namespace science-example",
        "PersistentVolumeClaim edge-state",
        "PersistentVolumeClaim hub-state",
        "Secret hub-keys",
    }


def test_nothing_is_kept_of_a_disposable_site_that_does_not_ask_for_it():
    assert kept(planned_file(EXAMPLES["local"])) == set()


def test_configuration_carries_its_contents_hash_and_never_changes_under_its_readers(
    planned: Plan, site: Site
):
    configs = [manifest for _, manifest in objects(planned) if manifest["kind"] == "ConfigMap"]
    catalogues = {"tap"} if site.tap else set()
    catalogues |= {"tap-publisher"} if site.tap and site.tap.catalogues else set()
    database = {"tap-database"} if site.tap and site.tap.database.kind == "embedded" else set()
    assert {config["metadata"]["labels"]["app.kubernetes.io/component"] for config in configs} == {
        "hub",
        "edge",
        *(["scratch-cleaner"] if site.storage.scratch else []),
        *hosts(site.gateways, site.edge.host),
        *(["usage"] if site.storage.usage else []),
        *(["backup"] if site.backup else []),
    } | catalogues | database
    assert all(config["immutable"] for config in configs)
