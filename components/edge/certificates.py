"""The parts of Caddy's configuration that say where certificates come from."""

import ipaddress
from collections.abc import Sequence
from typing import Any

from components.edge.places import Places
from components.edge.spec import CertificateSpec

AUTHORITY = "site"
"""Caddy's name for the site's own authority."""

Json = dict[str, Any]


def tls_apps(certificate: CertificateSpec, hosts: Sequence[str], places: Places) -> Json:
    """Return the ``apps`` of the configuration that make, get or load the certificates of these hosts."""
    # Stapling would need a way out to each authority's responder; short certificates made it obsolete.
    common: Json = {"disable_ocsp_stapling": True}
    if certificate.kind == "secret":
        loaded = {
            "certificate": f"{places.certificate}/tls.crt",
            "key": f"{places.certificate}/tls.key",
        }
        return {"tls": {**common, "certificates": {"load_files": [loaded]}}}
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


def connection_policy(host: str) -> Json:
    """Return the TLS connection policy of a site; clients name no server when its host is an IP address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return {}
    return {"default_sni": host}
