"""Keeps tokens out of the hub's log."""

import logging
import re

# KubeSpawner logs the whole pod where Kubernetes refuses it, with JUPYTERHUB_API_TOKEN and JPY_API_TOKEN.
POD_TOKEN = re.compile(r"('name': '[A-Z_]*TOKEN',\s*'value': )'[^']*'")


# Tornado logs the whole address of a request that fails, where the provider's code is.
QUERY_SECRET = re.compile(r"([?&](?:code|state|token|_xsrf)=)[^&\s]+")


def redacted(text: str) -> str:
    """Return a text without the tokens in the pods and addresses that it shows."""
    return QUERY_SECRET.sub(r"\1[secret]", POD_TOKEN.sub(r"\1'[secret]'", text))


class TokenFilter(logging.Filter):
    """Takes tokens out of every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let the record through, without tokens."""
        message = record.getMessage()
        record.msg, record.args = redacted(message), ()
        return True
