"""Tokens stay out of the log."""

import logging

from kubernetes_asyncio.client.models import V1Container, V1EnvVar, V1Pod, V1PodSpec

from log_redaction import TokenFilter

ENVIRONMENT = [
    V1EnvVar(name="JUPYTERHUB_API_TOKEN", value="made-up"),
    V1EnvVar(name="JPY_API_TOKEN", value="made-up"),
    V1EnvVar(name="JUPYTERHUB_USER", value="alice"),
]


def test_a_pod_in_the_log_has_no_tokens():
    pod = V1Pod(spec=V1PodSpec(containers=[V1Container(name="notebook", env=ENVIRONMENT)]))
    record = logging.LogRecord("JupyterHub", logging.ERROR, "", 1, "Failed for %s", (pod.to_str(),), None)
    assert TokenFilter().filter(record)
    text = record.getMessage()
    assert "made-up" not in text
    assert text.count("'value': '[secret]'") == 2
    assert "'value': 'alice'" in text


def test_other_records_are_as_they_were():
    record = logging.LogRecord("JupyterHub", logging.INFO, "", 1, "%d%% of %s", (100, "all"), None)
    TokenFilter().filter(record)
    assert record.getMessage() == "100% of all"


def test_an_address_in_the_log_has_no_codes():
    text = "403 GET /hub/oauth_callback?code=abc&state=e30%3D (127.0.0.1): The name"
    record = logging.LogRecord("JupyterHub", logging.WARNING, "", 1, text, (), None)
    TokenFilter().filter(record)
    assert record.getMessage() == (
        "403 GET /hub/oauth_callback?code=[secret]&state=[secret] (127.0.0.1): The name"
    )
