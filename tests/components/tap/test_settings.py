"""What DaCHS reads, made from the site file."""

import configparser
import json

from components.tap.settings import SUBJECTS, VOCABULARIES, default_meta, files, gavo_rc, vocabularies
from components.tap.spec import TapSpec

SECTION = {
    "authority": "example.org",
    "publisher": "Example observatory",
    "description": "Catalogues of the survey",
    "contact": {"name": "Archive desk", "email": "archive@example.org"},
}


def spec(**changes: object) -> TapSpec:
    return TapSpec.model_validate({**SECTION, **changes})


def settings(**changes: object) -> dict[str, dict[str, str]]:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign] - keys as they are written
    parser.read_string(gavo_rc(spec(**changes), "The site \\name", "https://tap.example.org"))
    return {name: dict(parser[name]) for name in parser.sections()}


def test_the_service_knows_its_url_and_listens_to_the_cluster():
    web = settings()["web"]
    assert (web["serverURL"], web["bindAddress"], web["serverPort"]) == (
        "https://tap.example.org",
        "",
        "8080",
    )
    assert web["adaptProtocol"] == "False"


def test_limits_are_in_the_services_own_units():
    found = settings(
        limits={
            "rows": 1000,
            "mostRows": 5000,
            "upload": "5Mi",
            "syncTime": "30s",
            "asyncTime": "2h",
            "asyncJobs": 3,
            "retention": "7d",
        }
    )
    assert found["async"] == {
        "defaultExecTimeSync": "30",
        "defaultExecTime": "7200",
        "maxTAPRunning": "3",
        "defaultLifetime": "604800",
        "defaultMAXREC": "1000",
        "hardMAXREC": "5000",
    }
    assert (found["web"]["maxUploadSize"], found["web"]["maxSyncUploadSize"]) == ("5242880", "5242880")
    assert found["ivoa"] == {"authority": "example.org", "dalDefaultLimit": "1000", "dalHardLimit": "5000"}


def test_cone_searches_are_held_in_memory_and_end_at_a_million_rows():
    assert settings(limits={"mostRows": 50_000_000})["ivoa"]["dalHardLimit"] == "1000000"


def test_secrets_are_read_before_what_the_service_makes_up():
    assert settings()["db"]["profilePath"] == "/secrets/dachs:/var/gavo/etc"


def test_no_title_is_a_command():
    assert settings()["web"]["sitename"] == "The site name"
    assert "\\" not in default_meta(spec(), "The site \\name")


def test_every_resource_names_publisher_and_contact():
    lines = default_meta(spec(), "The site of many words").splitlines()
    assert {
        "publisher: Example observatory",
        "contact.name: Archive desk",
        "contact.email: archive@example.org",
        "contact.address: not given",
        "site.description: Catalogues of the survey",
        "authority.shortName: The site of m",
    } <= set(lines)


def test_the_vocabularies_hold_the_sites_subjects_beside_the_services_own():
    found = json.loads(vocabularies(["galaxies", "catalogs"]))
    assert found["uat"] == sorted({*SUBJECTS, "galaxies"})
    assert found.keys() == VOCABULARIES.keys() | {"uat"}
    assert "image" in found["product-type"]


def test_the_files_of_the_service():
    assert files(spec(), "Site", "https://tap.example.org").keys() == {
        "gavo.rc",
        "defaultmeta.txt",
        "vocabularies.json",
    }
