"""Where the configuration says that certificates come from."""

from components.edge.certificates import connection_policy, reader_server, tls_apps
from components.edge.places import POD
from components.edge.spec import AcmeSpec, CertificateSecretSpec

HOSTS = ["a.example", "tap.a.example"]


def test_by_acme():
    assert tls_apps(AcmeSpec(kind="acme", email="ops@a.example"), HOSTS, POD) == {
        "tls": {
            "disable_ocsp_stapling": True,
            "certificates": {"automate": HOSTS},
            "automation": {
                "policies": [
                    {
                        "subjects": HOSTS,
                        "issuers": [
                            {
                                "module": "acme",
                                "ca": "https://acme-v02.api.letsencrypt.org/directory",
                                "email": "ops@a.example",
                            }
                        ],
                    }
                ]
            },
        }
    }


def test_from_a_secret_at_need():
    reader = {"via": "http", "url": "http://127.0.0.1:8082/pair"}
    assert tls_apps(CertificateSecretSpec(kind="secret", name="wildcard"), HOSTS, POD) == {
        "tls": {
            "disable_ocsp_stapling": True,
            "automation": {"policies": [{"subjects": HOSTS, "get_certificate": [reader]}]},
        }
    }


def test_the_secret_is_read_on_loopback_only():
    assert reader_server(POD) == {
        "listen": ["127.0.0.1:8082"],
        "automatic_https": {"disable": True},
        "protocols": ["h1"],
        "routes": [
            {
                "match": [{"path": ["/pair"]}],
                "handle": [
                    {"handler": "templates", "file_root": "/certificate"},
                    {
                        "handler": "static_response",
                        "headers": {"Content-Type": ["text/plain"]},
                        "body": '{{readFile "tls.crt"}}\n{{readFile "tls.key"}}',
                    },
                ],
                "terminal": True,
            },
            {"handle": [{"handler": "static_response", "status_code": 404}]},
        ],
    }


def test_an_address_as_host_needs_no_server_name():
    assert connection_policy("192.0.2.1") == {"default_sni": "192.0.2.1"}
    assert connection_policy("a.example") == {}
