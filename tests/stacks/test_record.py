"""The capability record: what a site says of itself, to people and to the commands."""

from typing import Any

from images.catalog import reference
from images.versions import versions
from tests.support.plans import EXAMPLES, planned_site, site_value


def test_a_site_says_what_it_offers():
    registry = "registry.example.org/science"
    lab = reference("lab", registry)
    assert planned_site("example", site_value(EXAMPLES["ingress"])).outputs == {
        "site": "example",
        "title": "Example observatory",
        "url": "https://science.example.org",
        "doors": {"hub": {"title": "Notebooks", "url": "https://science.example.org/hub/"}},
        "signIn": {
            "kind": "oidc",
            "title": "your institute's account",
            "issuer": "https://login.example.org",
        },
        "profiles": {
            "small": {"title": "Small", "cpu": 2, "memory": "4Gi", "gpus": 0, "image": lab, "groups": []},
            "gpu": {"title": "GPU", "cpu": 4, "memory": "16Gi", "gpus": 1, "image": lab, "groups": []},
        },
        "limits": {"servers": 3, "cpu": None, "memory": None},
        "projects": {"survey": {"title": "", "readWrite": ["survey"], "readOnly": []}},
        "data": {},
        "images": {
            "hub": reference("hub", registry),
            "proxy": reference("proxy", registry),
            "edge": reference("edge", registry),
            "lab": lab,
        },
        "versions": versions(),
        "capabilities": {"exposure": "ingress", "networkPolicy": True, "keepsHomes": True},
    }


def test_a_disposable_site_says_who_its_users_are_and_whom_to_trust():
    outputs = planned_site("example", site_value(EXAMPLES["kind-on-a-laptop"])).outputs
    assert outputs["signIn"] == {
        "kind": "sharedPassword",
        "users": {"ada": {"admin": False, "groups": ["survey"]}},
    }
    assert outputs["url"] == "https://laptop.localhost:30443"
    assert outputs["caCertificate"] == "kept as it is"
    assert outputs["capabilities"] == {"exposure": "nodePort", "networkPolicy": False, "keepsHomes": False}


def test_a_site_without_project_spaces_has_none_to_offer():
    site = site_value(EXAMPLES["kind-on-a-laptop"])
    assert "projects" not in site["storage"]
    assert planned_site("example", site).outputs["projects"] == {}


def test_scratch_software_and_data_are_offered_with_who_may_use_them():
    site = site_value(EXAMPLES["kind-on-a-laptop"])
    site["storage"] |= {
        "scratch": {"size": "1Gi", "cleanAfter": "7d"},
        "software": {"size": "1Gi", "readWrite": ["survey"]},
        "data": {"collections": {"sky": {"title": "Sky", "size": "1Gi", "groups": ["survey"]}}},
    }
    outputs = planned_site("example", site).outputs
    assert {key: outputs[key] for key in ("scratch", "software", "data")} == {
        "scratch": {"cleanAfter": "7d"},
        "software": {"readWrite": ["survey"]},
        "data": {"sky": {"title": "Sky", "groups": ["survey"], "readWrite": []}},
    }


def test_a_profiles_own_image_is_offered_under_its_name():
    site = site_value(EXAMPLES["kind-on-a-laptop"])
    site["hub"]["profiles"]["small"]["image"] = "images.example.org/imaging:2026.2"
    profiles = planned_site("example", site).outputs["profiles"]
    assert profiles == {
        "small": {
            "title": "Small",
            "cpu": 2,
            "memory": "1Gi",
            "gpus": 0,
            "image": "images.example.org/imaging:2026.2",
            "groups": [],
        }
    }


def test_homes_that_are_kept_are_said_to_be():
    site = site_value(EXAMPLES["kind-on-a-laptop"])
    site["storage"]["homes"]["keep"] = True
    assert planned_site("example", site).outputs["capabilities"] == {
        "exposure": "nodePort",
        "networkPolicy": False,
        "keepsHomes": True,
    }


def test_a_site_with_catalogues_says_where_and_with_which_images():
    site = site_value(EXAMPLES["tap-with-a-database-elsewhere"])
    outputs: Any = planned_site("example", site).outputs
    assert outputs["doors"]["tap"] == {"title": "Catalogues", "url": "https://catalogues.example.org/"}
    assert set(outputs["images"]) == {"hub", "proxy", "edge", "lab", "tap"}
    site["tap"]["database"] = {"kind": "embedded"}
    outputs = planned_site("example", site).outputs
    assert set(outputs["images"]) == {"hub", "proxy", "edge", "lab", "tap", "postgres"}
