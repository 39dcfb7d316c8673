"""The parts of Caddy's configuration that say where certificates come from."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from components.edge.places import Places
from components.edge.spec import CertificateSpec

AUTHORITY = "local"
"""Caddy's name for its default authority: with any other name for the site's own, it makes that one as well."""

Json = dict[str, Any]


def tls_apps(certificate: CertificateSpec, hosts: Sequence[str], places: Places) -> Json:
    """Return the ``apps`` of the configuration that make, get or load the certificates of these hosts."""
    # Stapling would need a way out to each authority's responder; short certificates made it obsolete.
    common: Json = {"disable_ocsp_stapling": True}
    if certificate.kind == "secret":
        return {"tls": {**common, "automation": _read_at_need(hosts, places)}}
    if certificate.kind == "acme":
        issuer = {"module": "acme", "ca": certificate.directory, "email": certificate.email}
        return {"tls": {**common, **_automated(hosts, issuer)}}
    return {
        "tls": {**common, **_automated(hosts, {"module": "internal", "ca": AUTHORITY})},
        "pki": {
            "certificate_authorities": {
                AUTHORITY: {
                    "install_trust": False,
                    "root": {
                        "certificate": f"{places.authority}/ca.crt",
                        "private_key": f"{places.authority}/ca.key",
                        "format": "pem_file",
                    },
                }
            }
        },
    }


def _automated(hosts: Sequence[str], issuer: Json) -> Json:
    return {
        "certificates": {"automate": list(hosts)},
        "automation": {"policies": [{"subjects": list(hosts), "issuers": [issuer]}]},
    }


def _read_at_need(hosts: Sequence[str], places: Places) -> Json:
    """Return the automation that reads a Secret's files at each handshake: a renewed certificate is used at once.

    Files that Caddy loads by itself are read once; whoever renews the Secret would have to restart the pods.
    """
    reader = {"via": "http", "url": f"http://127.0.0.1:{places.reader}/pair"}
    return {"policies": [{"subjects": list(hosts), "get_certificate": [reader]}]}


def reader_server(places: Places) -> Json:
    """Return the server, on loopback only, where Caddy reads a Secret's certificate and key."""
    pair = {
        "handler": "static_response",
        "headers": {"Content-Type": ["text/plain"]},
        "body": '{{readFile "tls.crt"}}\n{{readFile "tls.key"}}',
    }
    return {
        "listen": [f"127.0.0.1:{places.reader}"],
        "automatic_https": {"disable": True},
        "protocols": ["h1"],
        "routes": [
            {
                "match": [{"path": ["/pair"]}],
                "handle": [{"handler": "templates", "file_root": places.certificate}, pair],
                "terminal": True,
            },
            {"handle": [{"handler": "static_response", "status_code": 404}]},
        ],
    }


def connection_policy(host: str) -> Json:
    """Return the TLS connection policy of a site; clients name no server when its host is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return {}
    return {"default_sni": host}
