"""Whether a cluster's API server is there; everything else is asked through `infra.kube`."""

import http.client
import ssl
from pathlib import Path

from infra.local.rendering import API_PORT


def answers(host: str, authority: Path) -> bool:
    """Return whether the API server says that it is ready: its own roles and namespaces exist.

    Parameters
    ----------
    host
        Its address.
    authority
        Certificate of the authority that signed the server's.
    """
    tls = ssl.create_default_context(cafile=str(authority))
    connection = http.client.HTTPSConnection(host, API_PORT, context=tls, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
