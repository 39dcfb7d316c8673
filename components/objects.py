"""Kubernetes objects as plain dicts: the parts that every layer's manifests are put together from.

Pure functions, no Pulumi. Everything made here is non-root, without capabilities, with a read-only root file
system, resource-limited and without a service account token unless the caller asks for one: the pod security
standard ``restricted`` (https://kubernetes.io/docs/concepts/security/pod-security-standards/) and more.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Manifest = dict[str, Any]
"""A Kubernetes object as its API takes it."""

UID = 1000
"""User and group of every process on the platform, people's servers included."""

Probe = Mapping[str, Any]


def namespace_of(site: str) -> str:
    """Return the namespace of a site."""
    return f"science-{site}"


def selector(site: str, component: str) -> dict[str, str]:
    """Return the labels that pick out the pods of one component of a site."""
    return {"app.kubernetes.io/component": component, "app.kubernetes.io/instance": site}


def labels(site: str, component: str) -> dict[str, str]:
    """Return the labels of every object of a component."""
    return {
        "app.kubernetes.io/name": component,
        **selector(site, component),
        "app.kubernetes.io/part-of": "science-platform",
        "app.kubernetes.io/managed-by": "pulumi",
    }


def metadata(
    site: str,
    component: str,
    name: str,
    *,
    annotations: Mapping[str, str] | None = None,
    cluster_wide: bool = False,
) -> dict[str, Any]:
    """Return the metadata of an object; the name of a cluster-wide one should carry the site."""
    result: dict[str, Any] = {"name": name, "labels": labels(site, component)}
    if not cluster_wide:
        result["namespace"] = namespace_of(site)
    if annotations:
        result["annotations"] = dict(annotations)
    return result


def content_hash(value: object) -> str:
    """Return a short hash of anything that JSON can hold; equal content, equal hash."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:10]


def config_map(site: str, component: str, name: str, files: Mapping[str, str]) -> Manifest:
    """Return a ConfigMap whose name carries its content's hash, so that new content rolls its pods."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": metadata(site, component, f"{name}-{content_hash(dict(files))}"),
        "data": dict(files),
        "immutable": True,
    }


@dataclass(frozen=True, kw_only=True)
class Resources:
    """What a container is sure of and where it ends.

    Parameters
    ----------
    cpu, memory
        Requests, such as ``50m`` and ``128Mi``.
    cpu_limit, memory_limit
        Limits; the memory limit defaults to the request.
    """

    cpu: str
    memory: str
    cpu_limit: str
    memory_limit: str | None = None

    def manifest(self) -> Manifest:
        """Return the container's ``resources``."""
        return {
            "requests": {"cpu": self.cpu, "memory": self.memory},
            "limits": {"cpu": self.cpu_limit, "memory": self.memory_limit or self.memory},
        }


def env(values: Mapping[str, str]) -> list[Manifest]:
    """Return plain environment variables."""
    return [{"name": name, "value": value} for name, value in values.items()]


def secret_env(values: Mapping[str, tuple[str, str]]) -> list[Manifest]:
    """Return environment variables from Secrets: variable to (Secret, key)."""
    return [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}
        for name, (secret, key) in values.items()
    ]


def http_probe(port: int, path: str, **timing: int) -> Manifest:
    """Return a probe by HTTP GET; timing as the API names it (``periodSeconds`` …)."""
    return {"httpGet": {"port": port, "path": path}, **timing}


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container that follows the platform's rules.

    Parameters
    ----------
    ports
        Port names to numbers.
    mounts
        Paths to volume mounts without their ``mountPath``.
    before_stop
        Command that is run in the container before it is told to stop.
    """

    name: str
    image: str
    resources: Resources
    command: Sequence[str] = ()
    ports: Mapping[str, int] = field(default_factory=dict)
    env: Sequence[Manifest] = ()
    mounts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    readiness: Probe | None = None
    liveness: Probe | None = None
    startup: Probe | None = None
    before_stop: Sequence[str] = ()

    def manifest(self) -> Manifest:
        """Return the container."""
        result: Manifest = {
            "name": self.name,
            "image": self.image,
            "imagePullPolicy": "IfNotPresent",
            "resources": self.resources.manifest(),
            "securityContext": {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "readOnlyRootFilesystem": True,
            },
        }
        if self.command:
            result["command"] = list(self.command)
        if self.ports:
            result["ports"] = [{"name": name, "containerPort": port} for name, port in self.ports.items()]
        if self.env:
            result["env"] = list(self.env)
        if self.mounts:
            result["volumeMounts"] = [{"mountPath": path, **mount} for path, mount in self.mounts.items()]
        for key, probe in (
            ("readinessProbe", self.readiness),
            ("livenessProbe", self.liveness),
            ("startupProbe", self.startup),
        ):
            if probe is not None:
                result[key] = dict(probe)
        if self.before_stop:
            result["lifecycle"] = {"preStop": {"exec": {"command": list(self.before_stop)}}}
        return result


@dataclass(frozen=True, kw_only=True)
class Pod:
    """A pod that follows the platform's rules.

    Parameters
    ----------
    service_account
        Name of the service account whose token the pod gets; None for no token.
    annotations
        Of the pod template: a changed one rolls the pods.
    beside
        Labels of pods on whose node it has to run, as with a volume that one node has at a time.
    restart_policy
        Of a pod that ends: ``Never`` or ``OnFailure``; None for one that is kept running.
    """

    containers: Sequence[Container]
    init_containers: Sequence[Container] = ()
    volumes: Sequence[Manifest] = ()
    service_account: str | None = None
    priority_class: str | None = None
    annotations: Mapping[str, str] = field(default_factory=dict)
    grace_seconds: int = 30
    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: Sequence[Manifest] = ()
    beside: Mapping[str, str] | None = None
    restart_policy: str | None = None

    def spec(self) -> Manifest:
        """Return the pod's spec."""
        result: Manifest = {
            "automountServiceAccountToken": self.service_account is not None,
            "enableServiceLinks": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": UID,
                "runAsGroup": UID,
                "fsGroup": UID,
                "fsGroupChangePolicy": "OnRootMismatch",
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "terminationGracePeriodSeconds": self.grace_seconds,
            "containers": [container.manifest() for container in self.containers],
        }
        if self.init_containers:
            result["initContainers"] = [container.manifest() for container in self.init_containers]
        if self.volumes:
            result["volumes"] = list(self.volumes)
        if self.service_account is not None:
            result["serviceAccountName"] = self.service_account
        if self.priority_class is not None:
            result["priorityClassName"] = self.priority_class
        if self.node_selector:
            result["nodeSelector"] = dict(self.node_selector)
        if self.tolerations:
            result["tolerations"] = list(self.tolerations)
        if self.beside is not None:
            term = {
                "labelSelector": {"matchLabels": dict(self.beside)},
                "topologyKey": "kubernetes.io/hostname",
            }
            result["affinity"] = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
        if self.restart_policy is not None:
            result["restartPolicy"] = self.restart_policy
        return result

    def template(self, site: str, component: str) -> Manifest:
        """Return the pod template of a workload."""
        meta: Manifest = {"labels": labels(site, component)}
        if self.annotations:
            meta["annotations"] = dict(self.annotations)
        return {"metadata": meta, "spec": self.spec()}


def deployment(site: str, component: str, pod: Pod, *, replicas: int = 1, recreate: bool = False) -> Manifest:
    """Return a Deployment named after its component.

    Parameters
    ----------
    recreate
        Whether the old pod must be gone before the new one starts, as with a volume for one pod.
    """
    strategy: Manifest = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 0, "maxSurge": 1}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": metadata(site, component, component),
        "spec": {
            "replicas": replicas,
            "revisionHistoryLimit": 3,
            "strategy": {"type": "Recreate"} if recreate else strategy,
            "selector": {"matchLabels": selector(site, component)},
            "template": pod.template(site, component),
        },
    }


def stateful_set(site: str, component: str, pod: Pod) -> Manifest:
    """Return a StatefulSet of one pod, named after its component, as is the Service that its pod belongs to."""
    return {
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": metadata(site, component, component),
        "spec": {
            "serviceName": component,
            "replicas": 1,
            "revisionHistoryLimit": 3,
            "selector": {"matchLabels": selector(site, component)},
            "template": pod.template(site, component),
        },
    }


def daemon_set(site: str, component: str, pod: Pod) -> Manifest:
    """Return a DaemonSet named after its component, rolled on all nodes at once."""
    return {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": metadata(site, component, component),
        "spec": {
            "revisionHistoryLimit": 3,
            "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "100%"}},
            "selector": {"matchLabels": selector(site, component)},
            "template": pod.template(site, component),
        },
    }


def service(
    site: str, component: str, ports: Mapping[str, int], *, name: str | None = None, **spec: object
) -> Manifest:
    """Return a Service for a component's pods; each port leads to the container port of the same name."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": metadata(site, component, name or component),
        "spec": {
            "selector": selector(site, component),
            "ports": [
                {"name": port_name, "port": port, "targetPort": port_name, "protocol": "TCP"}
                for port_name, port in ports.items()
            ],
            **spec,
        },
    }


def secret(site: str, component: str, name: str, data: Mapping[str, Any]) -> Manifest:
    """Return a Secret; the values of ``data`` are base64, or Pulumi secrets that resolve to it."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": metadata(site, component, name),
        "type": "Opaque",
        "data": dict(data),
    }


def service_account(site: str, component: str) -> Manifest:
    """Return a service account named after its component; pods that want its token say so."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": metadata(site, component, component),
        "automountServiceAccountToken": False,
    }


def disruption_budget(site: str, component: str, *, max_unavailable: int = 1) -> Manifest:
    """Return a PodDisruptionBudget: a drained node takes a component's pods one after another."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": metadata(site, component, component),
        "spec": {
            "maxUnavailable": max_unavailable,
            "selector": {"matchLabels": selector(site, component)},
        },
    }


def claim(
    site: str, component: str, name: str, *, size: str, access_mode: str, **spec: str | None
) -> Manifest:
    """Return a PersistentVolumeClaim; further fields of its spec where they are not None."""
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": metadata(site, component, name),
        "spec": {
            "accessModes": [access_mode],
            "resources": {"requests": {"storage": size}},
            **{key: value for key, value in spec.items() if value is not None},
        },
    }
