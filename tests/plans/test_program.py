"""What the program makes of a site's values: what a change changes, and that sites do not meet."""

from pathlib import Path

import pytest

from stacks.plan import Plan
from stacks.render import to_json
from stacks.site_errors import SiteError
from tests.support.generated import generated_sites
from tests.support.plans import SITES, planned_file, planned_site, site_value


def changed(before: Plan, after: Plan) -> set[str]:
    """Return kind and name of the resources that are not the same in two plans."""
    old, new = ({each.urn: each for each in plan.resources} for plan in (before, after))
    different = {urn for urn in old.keys() | new.keys() if old.get(urn) != new.get(urn)}
    return {
        f"{each.type.rpartition(':')[2]} {each.name}"
        for each in (old | new).values()
        if each.urn in different
    }


def test_a_profiles_memory_changes_the_hubs_configuration_and_rolls_the_hub_and_nothing_else():
    site = site_value(SITES["local"])
    site["hub"]["profiles"]["large"]["memory"]["limit"] = "5Gi"
    assert changed(planned_file(SITES["local"]), planned_site("local", site)) == {
        "ConfigMap local-hub-hub-config",
        "Deployment local-hub-hub",
    }


def test_a_larger_home_volume_changes_its_claim_alone():
    site = site_value(SITES["local"])
    site["storage"]["homes"]["size"] = "20Gi"
    assert changed(planned_file(SITES["local"]), planned_site("local", site)) == {
        "PersistentVolumeClaim local-storage-homes"
    }


def test_another_network_for_servers_changes_their_policy_alone():
    site = site_value(SITES["local"])
    site["hub"]["network"] = {"internet": False}
    assert changed(planned_file(SITES["local"]), planned_site("local", site)) == {
        "NetworkPolicy local-hub-singleuser-server"
    }


def test_a_comment_changes_nothing(tmp_path: Path):
    commented = tmp_path / "Pulumi.local.yaml"
    text = SITES["local"].read_text()
    commented.write_text(text.replace("    hub:\n", "    # What people start.\n    hub:\n"))
    assert commented.read_text() != text
    assert to_json(planned_file(commented)) == to_json(planned_file(SITES["local"]))


def test_a_wrong_site_is_refused_before_anything_is_declared():
    site = site_value(SITES["local"]) | {"titel": "Local"}
    with pytest.raises(SiteError, match="titel"):
        planned_site("local", site)


def test_two_dozen_sites_fit_into_one_cluster():
    plans = [planned_site(name, site) for name, site in generated_sites()]
    assert len(plans) == 24
    objects = [
        (manifest["kind"], manifest["metadata"].get("namespace"), manifest["metadata"]["name"])
        for plan in plans
        for manifest in plan.manifests()
    ]
    assert len(objects) > 24 * 30
    assert {each for each in objects if objects.count(each) > 1} == set()
