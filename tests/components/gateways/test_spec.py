"""Where gateways are found."""

from components.gateways.spec import GatewaysSpec, hosts


def test_a_gateway_has_a_host_below_the_sites_or_its_own():
    assert hosts(GatewaysSpec.model_validate({"webdav": {}}), "science.example.org") == {
        "webdav": "files.science.example.org"
    }
    assert hosts(GatewaysSpec.model_validate({"webdav": {}, "s3": {}}), "science.example.org") == {
        "webdav": "files.science.example.org",
        "s3": "s3.science.example.org",
    }
    assert hosts(GatewaysSpec.model_validate({"webdav": {"host": "files.example.org"}}), "x") == {
        "webdav": "files.example.org"
    }


def test_a_site_without_gateways_has_no_hosts_of_theirs():
    assert hosts(GatewaysSpec(), "science.example.org") == {}
