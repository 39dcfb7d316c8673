"""The hub's Kubernetes objects: the hub itself, its proxy, and what they may do."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.edge.doors import Door
from components.hub.settings import priority_class
from components.hub.spec import HubSpec
from components.objects import (
    Container,
    Manifest,
    Pod,
    Resources,
    claim,
    config_map,
    deployment,
    disruption_budget,
    env,
    http_probe,
    metadata,
    secret_env,
    service,
    service_account,
)
from infra.cluster import VolumeSource

HUB = "hub"
PROXY = "proxy"
HUB_PORT = 8081
PROXY_PORT = 8000
PROXY_API_PORT = 8001
STATE = "hub-state"
KEYS = "hub-keys"
PROXY_TOKEN = "proxy-token"  # noqa: S105 - the name of a Secret
DATABASE = "hub-database"
CONFIG_FOLDER = "/etc/jupyterhub"


def door() -> Door:
    """Return the hub's door: everything that JupyterHub routes, by way of its proxy."""
    return Door(
        name="hub",
        title="Notebooks",
        description="JupyterLab next to the data",
        service=PROXY,
        port=PROXY_PORT,
        pods=PROXY,
        paths=("/hub", "/user", "/services"),
        link="/hub/",
        compress=True,
        # The hub and people's servers say so in every answer; what lacks it is the proxy's, which found nobody.
        mark="X-JupyterHub-Version",
    )


def token_secret(service_name: str) -> str:
    """Return the name of the Secret that holds a service's hub token, under the key ``token``."""
    return f"hub-token-{service_name}"


def token_variable(service_name: str) -> str:
    """Return the hub's environment variable that holds a service's token."""
    return f"SERVICE_TOKEN_{service_name.upper().replace('-', '_')}"


@dataclass(frozen=True, kw_only=True)
class HubParts:
    """What the hub's manifests are made of beside the spec.

    Parameters
    ----------
    settings
        The document of `components.hub.settings.hub_settings`.
    files
        Configuration files by name; ``site.json`` is added.
    sign_in
        The identity layer's variables: variable to (Secret, key).
    hub_image, proxy_image
        Full references.
    """

    site: str
    settings: Mapping[str, Any]
    files: Mapping[str, str]
    sign_in: Mapping[str, tuple[str, str]]
    hub_image: str
    proxy_image: str


def configuration(parts: HubParts) -> Manifest:
    """Return the ConfigMap that the hub reads."""
    site_json = json.dumps(parts.settings, indent=1, sort_keys=True)
    return config_map(parts.site, HUB, "hub-config", {**parts.files, "site.json": site_json})


def hub_environment(spec: HubSpec, parts: HubParts) -> list[Manifest]:
    """Return the hub's environment: all of its secrets, none of its settings."""
    variables = {
        "CONFIGPROXY_AUTH_TOKEN": (PROXY_TOKEN, "token"),
        "JPY_COOKIE_SECRET": (KEYS, "cookieSecret"),
        "JUPYTERHUB_CRYPT_KEY": (KEYS, "cryptKey"),
        **parts.sign_in,
        **{token_variable(name): (token_secret(name), "token") for name in parts.settings["services"]},
    }
    if spec.state.kind == "postgresql":
        variables["HUB_DATABASE_URL"] = (DATABASE, "url")
    return [*secret_env(variables), *env({"HOME": "/tmp", "PYTHONUNBUFFERED": "1"})]  # noqa: S108 - an emptyDir


def hub_deployment(spec: HubSpec, parts: HubParts) -> Manifest:
    """Return the hub's Deployment: one pod, replaced only after the old one let go of its state."""
    config = configuration(parts)["metadata"]["name"]
    volumes: list[Manifest] = [
        {"name": "config", "configMap": {"name": config}},
        {"name": "tmp", "emptyDir": {"sizeLimit": "256Mi"}},
    ]
    mounts: dict[str, Mapping[str, Any]] = {
        CONFIG_FOLDER: {"name": "config", "readOnly": True},
        "/tmp": {"name": "tmp"},  # noqa: S108 - an emptyDir of the pod
    }
    if spec.state.kind == "volume":
        volumes.append({"name": "state", "persistentVolumeClaim": {"claimName": STATE}})
        mounts["/srv/hub"] = {"name": "state"}
    container = Container(
        name=HUB,
        image=parts.hub_image,
        command=["jupyterhub", "--config", f"{CONFIG_FOLDER}/jupyterhub_config.py"],
        resources=Resources(cpu="100m", memory="300Mi", cpu_limit="2", memory_limit=spec.memory),
        ports={"http": HUB_PORT},
        env=hub_environment(spec, parts),
        mounts=mounts,
        startup=http_probe(HUB_PORT, "/hub/health", periodSeconds=1, failureThreshold=180, timeoutSeconds=3),
        readiness=http_probe(HUB_PORT, "/hub/health", periodSeconds=2, timeoutSeconds=3),
        liveness=http_probe(HUB_PORT, "/hub/health", periodSeconds=10, failureThreshold=6, timeoutSeconds=5),
    )
    pod = Pod(
        containers=[container],
        volumes=volumes,
        service_account=HUB,
        priority_class=priority_class(parts.site, "core"),
    )
    return deployment(parts.site, HUB, pod, recreate=True)


def proxy_deployment(parts: HubParts) -> Manifest:
    """Return the Deployment of configurable-http-proxy; the hub gives it its routes whenever it is new."""
    command = [
        "configurable-http-proxy",
        "--ip=0.0.0.0",
        f"--port={PROXY_PORT}",
        "--api-ip=0.0.0.0",
        f"--api-port={PROXY_API_PORT}",
        f"--default-target=http://{HUB}:{HUB_PORT}",
        f"--error-target=http://{HUB}:{HUB_PORT}/hub/error",
        # The edge has said who the client is; the proxy would say that it is the edge.
        "--no-x-forward",
        "--log-level=warn",
    ]
    container = Container(
        name=PROXY,
        image=parts.proxy_image,
        command=command,
        resources=Resources(cpu="50m", memory="128Mi", cpu_limit="1", memory_limit="512Mi"),
        ports={"http": PROXY_PORT, "api": PROXY_API_PORT},
        env=secret_env({"CONFIGPROXY_AUTH_TOKEN": (PROXY_TOKEN, "token")}),
        mounts={"/tmp": {"name": "tmp"}},  # noqa: S108 - an emptyDir of the pod
        readiness=http_probe(PROXY_PORT, "/_chp_healthz", periodSeconds=2),
        liveness=http_probe(PROXY_PORT, "/_chp_healthz", periodSeconds=10, failureThreshold=6),
    )
    pod = Pod(
        containers=[container],
        volumes=[{"name": "tmp", "emptyDir": {"sizeLimit": "64Mi"}}],
        priority_class=priority_class(parts.site, "core"),
    )
    # Two proxies would not share their routes: the old one goes before the new one comes.
    return deployment(parts.site, PROXY, pod, recreate=True)


def services(site: str) -> dict[str, Manifest]:
    """Return the Services of the hub and of the proxy's two sides."""
    return {
        # Found by the hub's own services and by returning pods while it is not ready yet.
        "hub": service(site, HUB, {"http": HUB_PORT}, publishNotReadyAddresses=True),
        "proxy": service(site, PROXY, {"http": PROXY_PORT}),
        "proxy-api": service(site, PROXY, {"api": PROXY_API_PORT}, name="proxy-api"),
    }


def permissions(site: str) -> dict[str, Manifest]:
    """Return what the hub may do in its own namespace: start, watch and stop pods, and read their events."""
    rules = [
        {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch", "create", "delete"]},
        {"apiGroups": [""], "resources": ["events"], "verbs": ["get", "list", "watch"]},
    ]
    return {
        "account": service_account(site, HUB),
        "role": {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "Role",
            "metadata": metadata(site, HUB, HUB),
            "rules": rules,
        },
        "binding": {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": "RoleBinding",
            "metadata": metadata(site, HUB, HUB),
            "subjects": [
                {"kind": "ServiceAccount", "name": HUB, "namespace": metadata(site, HUB, HUB)["namespace"]}
            ],
            "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": HUB},
        },
    }


def state_claim(site: str, spec: HubSpec, source: VolumeSource) -> Manifest | None:
    """Return the claim of the hub's database, where it is a file."""
    if spec.state.kind != "volume":
        return None
    return claim(
        site,
        HUB,
        STATE,
        size=spec.state.size,
        access_mode="ReadWriteOnce",
        **source.claim_fields,
    )


PRIORITIES = {
    "core": (1000, "The hub and its proxy: everyone's work depends on them."),
    "user": (0, "People's servers."),
    "placeholder": (-10, "Empty pods that give way to people's servers."),
}


def priority_classes(site: str) -> dict[str, Manifest]:
    """Return the site's priority classes by kind; cluster-wide, so their names carry the site."""
    return {
        kind: {
            "apiVersion": "scheduling.k8s.io/v1",
            "kind": "PriorityClass",
            "metadata": metadata(site, HUB, priority_class(site, kind), cluster_wide=True),
            "value": value,
            "globalDefault": False,
            "description": description,
            # Placeholders push nobody out, and being lowest they are the first to be pushed.
            "preemptionPolicy": "PreemptLowerPriority" if kind != "placeholder" else "Never",
        }
        for kind, (value, description) in PRIORITIES.items()
    }


def budgets(site: str) -> dict[str, Manifest]:
    """Return the disruption budgets of the hub and its proxy."""
    return {component: disruption_budget(site, component) for component in (HUB, PROXY)}
