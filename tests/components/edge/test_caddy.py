"""The configuration as JSON; what it does is in test_caddy_real."""

from functools import partial

import pytest

from components.edge.caddy import TRUSTED, configuration, site_url
from components.edge.doors import Door
from components.edge.landing import content_security_policy
from components.edge.spec import EdgeSpec

door = partial(Door, title="T", description="D", service="proxy", port=8000, pods="proxy")
HUB = door(name="hub", paths=("/hub",))
TAP = door(name="tap", host="tap.a.example", service="tap", port=80)

OWN = {"kind": "ownAuthority"}
ACME = {"kind": "acme", "email": "ops@a.example"}
SECRET = {"kind": "secret", "name": "wildcard"}


def spec(certificate: dict | None = None, **more: object) -> EdgeSpec:
    return EdgeSpec.model_validate({"host": "a.example", "certificate": certificate, **more})


def page_headers(cache: str, **more: list[str]) -> dict:
    return {
        "handler": "headers",
        "response": {
            "set": {
                "Cache-Control": [cache],
                "Content-Security-Policy": [content_security_policy()],
                "Cross-Origin-Opener-Policy": ["same-origin"],
                "Referrer-Policy": ["no-referrer"],
                "X-Content-Type-Options": ["nosniff"],
                "X-Frame-Options": ["DENY"],
                **more,
            }
        },
    }


PROXY = {
    "handler": "reverse_proxy",
    "upstreams": [{"dial": "proxy:8000"}],
    "flush_interval": -1,
    "headers": {
        "request": {
            "delete": [
                "Forwarded",
                "X-Forwarded-Port",
                "X-Forwarded-Prefix",
                "X-Forwarded-Server",
                "X-Forwarded-Ssl",
                "X-Original-Url",
                "X-Real-Ip",
                "X-Rewrite-Url",
                "X-Scheme",
                "X-Script-Name",
            ]
        }
    },
    "load_balancing": {"try_duration": "10s", "try_interval": "250ms"},
    "transport": {
        "protocol": "http",
        "compression": False,
        "dial_timeout": "3s",
        "keep_alive": {"idle_timeout": "3s"},
    },
}
LATER = page_headers("no-store", **{"Retry-After": ["5"]})
STATUS = "{http.error.status_code}"
NO_NAME = {"handler": "headers", "response": {"deferred": True, "delete": ["Server", "Via"]}}
OK = {"handle": [{"handler": "static_response", "status_code": 200, "body": "ok\n"}]}
NOT_FOUND = {"handle": [{"handler": "static_response", "status_code": 404}]}
UNAVAILABLE = {"vars": {STATUS: ["502", "503", "504"]}}
HTML = {"header": {"Accept": ["*text/html*"]}}

SITE_ROUTES = [
    {
        "handle": [
            {
                "handler": "log_append",
                "key": "user_agent",
                "value": "{http.request.header.User-Agent}",
            },
            NO_NAME,
        ]
    },
    {
        "match": [{"host": ["a.example"]}],
        "handle": [
            {
                "handler": "subroute",
                "routes": [
                    {"match": [{"path": ["/hub", "/hub/*"]}], "handle": [PROXY], "terminal": True},
                    {
                        "match": [{"path": ["/"]}],
                        "handle": [
                            page_headers("no-cache"),
                            {"handler": "rewrite", "uri": "/landing.html"},
                            {"handler": "file_server", "root": "/etc/caddy"},
                        ],
                        "terminal": True,
                    },
                    {"handle": [{"handler": "error", "status_code": 404}]},
                ],
            }
        ],
        "terminal": True,
    },
    {
        "handle": [
            {
                "handler": "static_response",
                "status_code": 421,
                "headers": {"Content-Type": ["text/plain; charset=utf-8"]},
                "body": "This server does not answer for that host.\n",
            }
        ]
    },
]
ERROR_ROUTES = [
    {"handle": [NO_NAME]},
    {
        "match": [{**UNAVAILABLE, **HTML}],
        "handle": [
            LATER,
            {"handler": "rewrite", "uri": "/unavailable.html", "method": "GET"},
            {"handler": "file_server", "root": "/etc/caddy", "status_code": STATUS},
        ],
        "terminal": True,
    },
    {
        "match": [UNAVAILABLE],
        "handle": [
            LATER,
            {
                "handler": "static_response",
                "status_code": STATUS,
                "body": "Not available now; try again in 5 seconds.\n",
            },
        ],
        "terminal": True,
    },
    {
        "match": [{"vars": {STATUS: ["404"]}, **HTML}],
        "handle": [
            page_headers("no-store"),
            {"handler": "rewrite", "uri": "/missing.html", "method": "GET"},
            {"handler": "file_server", "root": "/etc/caddy", "status_code": STATUS},
        ],
        "terminal": True,
    },
    {
        "handle": [
            {
                "handler": "static_response",
                "status_code": STATUS,
                "body": f"{STATUS} {{http.error.status_text}}\n",
            }
        ]
    },
]


def test_the_whole_configuration_of_a_site_with_its_own_authority():
    assert configuration(spec(OWN, nodePort=30443), "nodePort", [HUB]) == {
        "admin": {"disabled": True, "config": {"persist": False}},
        "logging": {
            "logs": {
                "default": {
                    "writer": {"output": "stdout"},
                    "encoder": {
                        "format": "filter",
                        "wrap": {"format": "json", "time_format": "rfc3339_nano"},
                        "fields": {
                            "request>headers": {"filter": "delete"},
                            "request>tls": {"filter": "delete"},
                            "resp_headers": {"filter": "delete"},
                            "request>uri": {"filter": "regexp", "regexp": "\\?.*", "value": ""},
                        },
                    },
                }
            }
        },
        "storage": {"module": "file_system", "root": "/state"},
        "apps": {
            "http": {
                "http_port": 8080,
                "https_port": 8443,
                "shutdown_delay": "10s",
                "grace_period": "300s",
                "metrics": {},
                "servers": {
                    "health": {
                        "listen": [":8081"],
                        "automatic_https": {"disable": True},
                        "protocols": ["h1"],
                        "routes": [
                            {
                                "match": [{"path": ["/healthz"]}],
                                "handle": [
                                    {
                                        "handler": "subroute",
                                        "routes": [
                                            {
                                                "match": [{"vars": {"{http.shutting_down}": ["true"]}}],
                                                "handle": [
                                                    {
                                                        "handler": "static_response",
                                                        "status_code": 503,
                                                        "body": "stopping\n",
                                                    }
                                                ],
                                                "terminal": True,
                                            },
                                            OK,
                                        ],
                                    }
                                ],
                                "terminal": True,
                            },
                            {
                                "match": [{"path": ["/livez"]}],
                                "handle": [{"handler": "subroute", "routes": [OK]}],
                                "terminal": True,
                            },
                            NOT_FOUND,
                        ],
                    },
                    "metrics": {
                        "listen": [":9180"],
                        "automatic_https": {"disable": True},
                        "protocols": ["h1"],
                        "routes": [
                            {
                                "match": [{"path": ["/metrics"]}],
                                "handle": [
                                    {
                                        "handler": "subroute",
                                        "routes": [{"handle": [{"handler": "metrics"}]}],
                                    }
                                ],
                                "terminal": True,
                            },
                            NOT_FOUND,
                        ],
                    },
                    "site": {
                        "listen": [":8443"],
                        "automatic_https": {"disable": True},
                        "read_header_timeout": "30s",
                        "idle_timeout": "5m",
                        "logs": {},
                        "routes": SITE_ROUTES,
                        "errors": {"routes": ERROR_ROUTES},
                        "protocols": ["h1", "h2"],
                        "tls_connection_policies": [{}],
                        "listener_wrappers": [{"wrapper": "http_redirect"}, {"wrapper": "tls"}],
                    },
                },
            },
            "tls": {
                "disable_ocsp_stapling": True,
                "certificates": {"automate": ["a.example"]},
                "automation": {
                    "policies": [
                        {"subjects": ["a.example"], "issuers": [{"module": "internal", "ca": "local"}]}
                    ]
                },
            },
            "pki": {
                "certificate_authorities": {
                    "local": {
                        "install_trust": False,
                        "root": {
                            "certificate": "/authority/ca.crt",
                            "private_key": "/authority/ca.key",
                            "format": "pem_file",
                        },
                    }
                }
            },
        },
    }


def servers(edge: EdgeSpec, exposure: str, *doors: Door) -> dict:
    return configuration(edge, exposure, doors)["apps"]["http"]["servers"]  # type: ignore[arg-type]


def test_port_80_is_served_where_a_load_balancer_has_it():
    redirect = servers(spec(ACME), "loadBalancer", HUB, TAP)["redirect"]
    assert redirect["listen"] == [":8080"]
    assert redirect["routes"][1] == {
        "match": [{"host": ["a.example", "tap.a.example"]}],
        "handle": [
            {
                "handler": "static_response",
                "status_code": 308,
                "headers": {"Location": ["https://{http.request.host}{http.request.uri}"]},
            }
        ],
        "terminal": True,
    }
    assert "redirect" not in servers(spec(OWN, nodePort=30443), "nodePort", HUB)


def test_behind_an_ingress_caddy_speaks_http_and_believes_private_networks():
    config = configuration(spec(), "ingress", [HUB])
    site = config["apps"]["http"]["servers"]["site"]
    assert set(config["apps"]) == {"http"}
    assert {
        key: site[key] for key in ("listen", "protocols", "trusted_proxies", "trusted_proxies_strict")
    } == {
        "listen": [":8080"],
        "protocols": ["h1"],
        "trusted_proxies": {"source": "static", "ranges": list(TRUSTED)},
        "trusted_proxies_strict": 1,
    }


def test_a_secret_is_read_where_the_edge_ends_tls():
    assert "certificate" in servers(spec(SECRET), "nodePort", HUB)
    assert "certificate" not in servers(spec(SECRET), "ingress", HUB)


@pytest.mark.parametrize(
    ("certificate", "exposure", "pinned"),
    [
        (OWN, "nodePort", False),
        (ACME, "loadBalancer", True),
        (SECRET, "nodePort", True),
        (None, "ingress", True),
    ],
)
def test_browsers_keep_to_tls_where_its_certificate_is_public(
    certificate: dict | None, exposure: str, pinned: bool
):
    routes = servers(spec(certificate), exposure, HUB)["site"]["routes"]
    header = {"set": {"Strict-Transport-Security": ["max-age=31536000"]}}
    assert ({"handle": [{"handler": "headers", "response": header}]} in routes) is pinned


def test_a_door_with_a_host_of_its_own_comes_before_the_sites_host():
    routes = servers(spec(OWN), "nodePort", HUB, TAP)["site"]["routes"]
    assert [route["match"][0]["host"] for route in routes[1:-1]] == [["tap.a.example"], ["a.example"]]
    (inner,) = routes[1]["handle"][0]["routes"]
    assert inner["handle"][0]["upstreams"] == [{"dial": "tap:80"}]


def test_a_marked_door_gets_the_edges_page_for_errors_that_are_not_its_own():
    marked = door(name="hub", paths=("/hub",), mark="X-Application")
    routes = servers(spec(OWN), "nodePort", marked)["site"]["routes"]
    assert routes[1]["handle"][0]["routes"][0]["handle"] == [
        {
            **PROXY,
            "handle_response": [
                {
                    "match": {"status_code": [502, 503, 504], "headers": {"X-Application": None}},
                    "routes": [
                        {"handle": [{"handler": "error", "status_code": "{http.reverse_proxy.status_code}"}]}
                    ],
                }
            ],
        }
    ]


def test_tls_without_a_certificate_is_refused():
    with pytest.raises(ValueError, match=r"edge\.certificate is needed"):
        configuration(spec(), "nodePort", [HUB])


def test_doors_that_cannot_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="the same name hub"):
        configuration(spec(OWN), "nodePort", [HUB, HUB])


def test_the_url_has_the_node_port_and_no_other():
    edge = spec(OWN, nodePort=30443)
    assert site_url(edge, "nodePort") == "https://a.example:30443"
    assert site_url(spec(), "loadBalancer") == site_url(spec(), "ingress") == "https://a.example"
