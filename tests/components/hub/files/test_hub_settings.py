"""Settings of the hub itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from culling import culler_service
from hub_environment import MissingSecretError, token_variable
from hub_settings import hub_config
from log_redaction import TokenFilter
from permissions import administrator_role
from site_document import Limits

ENVIRONMENT = {
    "CONFIGPROXY_AUTH_TOKEN": "p" * 64,
    "JPY_COOKIE_SECRET": "c" * 64,
    "JUPYTERHUB_CRYPT_KEY": "d" * 64,
    "SERVICE_TOKEN_METRICS": "m" * 64,
}


def test_the_whole_configuration(site):
    assert hub_config(site, ENVIRONMENT, Path("/etc/jupyterhub")) == {
        "JupyterHub": {
            "db_url": "sqlite:////srv/hub/jupyterhub.sqlite",
            "upgrade_db": True,
            "hub_bind_url": "http://:8081",
            "hub_connect_url": "http://hub:8081",
            "public_url": "https://local.localhost:30443/",
            "cleanup_servers": False,
            "cleanup_proxy": False,
            "shutdown_on_logout": False,
            "allow_named_servers": True,
            "named_server_limit_per_user": 2,
            "concurrent_spawn_limit": 64,
            "active_server_limit": 0,
            "last_activity_interval": 15,
            "activity_resolution": 30,
            "token_expires_in_max_seconds": 7776000,
            "authenticate_prometheus": True,
            "services": [
                culler_service(site.culling, "http://127.0.0.1:8081/hub/api"),
                {"name": "metrics", "api_token": "m" * 64, "display": False},
            ],
            "load_roles": [
                administrator_role(site),
                {
                    "name": "idle-culler",
                    "services": ["idle-culler"],
                    "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
                },
                {"name": "user", "scopes": ["self", "access:services!service=webdav"]},
                {
                    "name": "server",
                    "scopes": [
                        "users:activity!user",
                        "access:servers!server",
                        "access:services!service=webdav",
                    ],
                },
                {"name": "service-metrics", "services": ["metrics"], "scopes": ["read:metrics"]},
            ],
            "tornado_settings": {
                "cookie_options": {"secure": True, "samesite": "Lax"},
                "headers": {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"},
            },
            "template_paths": ["/etc/jupyterhub"],
            "template_vars": {
                "site_title": "Local 100% science",
                "site_url": "https://local.localhost:30443/",
                "shared_password": True,
            },
            "log_level": "INFO",
            "logging_config": {
                "filters": {"tokens": {"()": TokenFilter}},
                "handlers": {"console": {"filters": ["tokens"]}},
            },
        },
        "ConfigurableHTTPProxy": {
            "should_start": False,
            "api_url": "http://proxy-api:8001",
            "auth_token": "p" * 64,
        },
    }


def test_one_server_each_means_no_named_ones_since_a_limit_of_zero_would_mean_none(site):
    config = hub_config(
        replace(site, limits=Limits(servers=1, cpu=None, memory=None)), ENVIRONMENT, Path("/")
    )
    assert config["JupyterHub"]["allow_named_servers"] is False


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg2"])
def test_a_database_elsewhere_is_reached_with_the_driver_of_the_image(site, scheme):
    environment = {**ENVIRONMENT, "HUB_DATABASE_URL": f"{scheme}://hub@db/hub"}
    config = hub_config(replace(site, database="postgresql"), environment, Path("/"))
    assert config["JupyterHub"]["db_url"] == "postgresql+psycopg2://hub@db/hub"


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_a_missing_secret_is_named(site, name):
    with pytest.raises(MissingSecretError, match=f"The variable {name} is not set"):
        hub_config(site, {**ENVIRONMENT, name: ""}, Path("/"))


def test_the_variable_of_a_services_token():
    assert token_variable("job-service") == "SERVICE_TOKEN_JOB_SERVICE"
