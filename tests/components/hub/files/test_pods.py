"""Pods that the spawner makes, whole."""

import asyncio
from dataclasses import replace
from typing import Any

from kubernetes_asyncio.client import ApiClient

from server_folders import LINK_FOLDERS, MAKE_FOLDERS
from server_pod import pod_traits
from spawning import SiteSpawner

GI = 2**30


def manifest(spawner: SiteSpawner) -> dict[str, Any]:
    """Return the pod of a spawner as it is sent to Kubernetes."""

    async def build() -> dict[str, Any]:
        async with ApiClient() as api:
            return api.sanitize_for_serialization(await spawner.get_pod_manifest())

    return asyncio.run(build())


RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsGroup": 1000,
    "runAsNonRoot": True,
    "runAsUser": 1000,
    "seccompProfile": {"type": "RuntimeDefault"},
}
FOLDERS = {
    "name": "folders",
    "image": "localhost/science-platform/base:1",
    "imagePullPolicy": "IfNotPresent",
    "securityContext": RESTRICTED,
    "resources": {
        "requests": {"cpu": "10m", "memory": "16Mi"},
        "limits": {"cpu": "500m", "memory": "64Mi"},
    },
}


def on_claims(*claims: str) -> list[dict[str, Any]]:
    return [{"name": claim, "persistentVolumeClaim": {"claimName": claim}} for claim in claims]


def links(*folders: str) -> dict[str, Any]:
    return {"postStart": {"exec": {"command": ["sh", "-c", LINK_FOLDERS, "links", *folders]}}}


LABELS = {
    "app.kubernetes.io/component": "singleuser-server",
    "app.kubernetes.io/instance": "local",
    "app.kubernetes.io/managed-by": "pulumi",
    "app.kubernetes.io/name": "singleuser-server",
    "app.kubernetes.io/part-of": "science-platform",
    "component": "singleuser-server",
}
ANNOTATIONS = {
    "cluster-autoscaler.kubernetes.io/safe-to-evict": "false",
    "hub.jupyter.org/jupyterhub-version": "6.1.1",
    "hub.jupyter.org/kubespawner-version": "7.1.0",
}
ENVIRONMENT = {
    "CPU_GUARANTEE": "0.1",
    "CPU_LIMIT": "2.0",
    "HOME": "/home/jovyan",
    "SCRATCH": "/scratch",
    "JPY_API_TOKEN": "made-up",
    "JUPYTERHUB_ACTIVITY_INTERVAL": "300",
    "JUPYTERHUB_ACTIVITY_URL": "http://hub:8081/hub/api/users/bob/activity",
    "JUPYTERHUB_API_TOKEN": "made-up",
    "JUPYTERHUB_API_URL": "http://hub:8081/hub/api",
    "JUPYTERHUB_BASE_URL": "/",
    "JUPYTERHUB_CLIENT_ID": "client",
    "JUPYTERHUB_COOKIE_HOST_PREFIX_ENABLED": "0",
    "JUPYTERHUB_DEFAULT_URL": "/lab",
    "JUPYTERHUB_HOST": "https://local.localhost:30443",
    "JUPYTERHUB_OAUTH_ACCESS_SCOPES": '["access:servers!server=bob/", "access:servers!user=bob"]',
    "JUPYTERHUB_OAUTH_CALLBACK_URL": "/user/bob/oauth_callback",
    "JUPYTERHUB_OAUTH_CLIENT_ALLOWED_SCOPES": "[]",
    "JUPYTERHUB_OAUTH_SCOPES": '["access:servers!server=bob/", "access:servers!user=bob"]',
    "JUPYTERHUB_PUBLIC_HUB_URL": "",
    "JUPYTERHUB_PUBLIC_URL": "",
    "JUPYTERHUB_ROOT_DIR": "/home/jovyan",
    "JUPYTERHUB_SERVER_NAME": "",
    "JUPYTERHUB_SERVICE_URL": "http://0.0.0.0:8888/",
    "JUPYTERHUB_USER": "bob",
    "JUPYTER_IMAGE": "localhost/science-platform/lab:1",
    "JUPYTER_IMAGE_SPEC": "localhost/science-platform/lab:1",
    "JUPYTER_RUNTIME_DIR": "/tmp/jupyter-runtime",
    "MEM_GUARANTEE": "268435456",
    "MEM_LIMIT": "1073741824",
    "MKL_NUM_THREADS": "2",
    "NUMEXPR_MAX_THREADS": "2",
    "OMP_NUM_THREADS": "2",
    "OPENBLAS_NUM_THREADS": "2",
    "PYTHON_CPU_COUNT": "2",
    "AWS_REGION": "us-east-1",
    "SCIENCE_PLATFORM_SITE": "local",
}


def as_list(environment: dict[str, str]) -> list[dict[str, str]]:
    return [{"name": name, "value": environment[name]} for name in sorted(environment)]


def test_a_pod_of_the_default_profile_for_a_user_without_groups(user):
    assert manifest(user("bob").start()) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "jupyter-bob",
            "labels": {
                **LABELS,
                "hub.jupyter.org/username": "bob",
                "hub.jupyter.org/servername": "",
            },
            "annotations": {**ANNOTATIONS, "hub.jupyter.org/username": "bob"},
        },
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "priorityClassName": "science-local-user",
            "imagePullSecrets": [],
            "restartPolicy": "OnFailure",
            "securityContext": {
                "fsGroup": 1000,
                "fsGroupChangePolicy": "OnRootMismatch",
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "initContainers": [
                {
                    **FOLDERS,
                    "command": [
                        "sh",
                        "-ceu",
                        MAKE_FOLDERS,
                        "folders",
                        "0700",
                        "/volumes/homes/bob",
                        "0700",
                        "/volumes/scratch/bob",
                    ],
                    "volumeMounts": [
                        {"name": "homes", "mountPath": "/volumes/homes"},
                        {"name": "scratch", "mountPath": "/volumes/scratch"},
                    ],
                }
            ],
            "containers": [
                {
                    "name": "notebook",
                    "image": "localhost/science-platform/lab:1",
                    "imagePullPolicy": "IfNotPresent",
                    "args": ["jupyterhub-singleuser"],
                    "lifecycle": links("scratch", "data"),
                    "workingDir": "/home/jovyan",
                    "ports": [{"name": "notebook-port", "containerPort": 8888}],
                    "env": as_list(ENVIRONMENT),
                    "resources": {
                        "requests": {"cpu": 0.1, "memory": GI // 4},
                        "limits": {"cpu": 2.0, "memory": GI},
                    },
                    "securityContext": RESTRICTED,
                    "volumeMounts": [
                        {"name": "homes", "mountPath": "/home/jovyan", "subPath": "bob"},
                        {"name": "scratch", "mountPath": "/scratch", "subPath": "bob"},
                        {"name": "data-sky", "mountPath": "/data/sky", "readOnly": True},
                        {"name": "software", "mountPath": "/software", "readOnly": True},
                        {"name": "tmp", "mountPath": "/tmp"},
                    ],
                }
            ],
            "volumes": [
                *on_claims("homes", "scratch", "data-sky", "software"),
                {"name": "tmp", "emptyDir": {"sizeLimit": "10Gi"}},
            ],
        },
    }


def test_a_named_pod_of_a_gpu_profile_for_a_member_of_project_spaces(user):
    access = '["access:servers!server=alice.smith@example.org/fits", "access:servers!user=alice.smith@example.org"]'
    environment = {
        **ENVIRONMENT,
        "JUPYTERHUB_OAUTH_ACCESS_SCOPES": access,
        "JUPYTERHUB_OAUTH_SCOPES": access,
        "CPU_GUARANTEE": "4.0",
        "CPU_LIMIT": "8.5",
        "JUPYTERHUB_ACTIVITY_URL": "http://hub:8081/hub/api/users/alice.smith@example.org/activity",
        "JUPYTERHUB_OAUTH_CALLBACK_URL": "/user/alice.smith@example.org/fits/oauth_callback",
        "JUPYTERHUB_SERVER_NAME": "fits",
        "JUPYTERHUB_USER": "alice.smith@example.org",
        "JUPYTER_IMAGE": "registry.example.org/gpu-lab:2",
        "JUPYTER_IMAGE_SPEC": "registry.example.org/gpu-lab:2",
        "MEM_GUARANTEE": str(4 * GI),
        "MEM_LIMIT": str(4 * GI),
        "MKL_NUM_THREADS": "8",
        "NUMEXPR_MAX_THREADS": "8",
        "OMP_NUM_THREADS": "8",
        "OPENBLAS_NUM_THREADS": "8",
        "PYTHON_CPU_COUNT": "8",
    }
    alice = user("alice.smith@example.org", "galaxies", "students")
    assert manifest(alice.start("fits", profile="gpu")) == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "jupyter-alice-smith-example-org---0d1cf0a9--fits",
            "labels": {
                **LABELS,
                "hub.jupyter.org/username": "alice-smith-example-o---0d1cf0a9",
                "hub.jupyter.org/servername": "fits",
            },
            "annotations": {
                **ANNOTATIONS,
                "hub.jupyter.org/username": "alice.smith@example.org",
                "hub.jupyter.org/servername": "fits",
            },
        },
        "spec": {
            "automountServiceAccountToken": False,
            "enableServiceLinks": False,
            "nodeSelector": {"pool": "gpu"},
            "tolerations": [{"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"}],
            "priorityClassName": "science-local-user",
            "imagePullSecrets": [],
            "restartPolicy": "OnFailure",
            "securityContext": {
                "fsGroup": 1000,
                "fsGroupChangePolicy": "OnRootMismatch",
                "runAsNonRoot": True,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "initContainers": [
                {
                    **FOLDERS,
                    "command": [
                        "sh",
                        "-ceu",
                        MAKE_FOLDERS,
                        "folders",
                        "0700",
                        "/volumes/homes/alice.smith@example.org",
                        "2770",
                        "/volumes/projects/archive",
                        "2770",
                        "/volumes/projects/survey",
                        "0700",
                        "/volumes/scratch/alice.smith@example.org",
                    ],
                    "volumeMounts": [
                        {"name": "homes", "mountPath": "/volumes/homes"},
                        {"name": "projects", "mountPath": "/volumes/projects"},
                        {"name": "scratch", "mountPath": "/volumes/scratch"},
                    ],
                }
            ],
            "containers": [
                {
                    "name": "notebook",
                    "image": "registry.example.org/gpu-lab:2",
                    "imagePullPolicy": "IfNotPresent",
                    "args": ["jupyterhub-singleuser"],
                    "lifecycle": links("projects", "scratch", "data"),
                    "workingDir": "/home/jovyan",
                    "ports": [{"name": "notebook-port", "containerPort": 8888}],
                    "env": as_list(environment),
                    "resources": {
                        "requests": {"cpu": 4.0, "memory": 4 * GI, "amd.com/gpu": "2"},
                        "limits": {"cpu": 8.5, "memory": 4 * GI, "amd.com/gpu": "2"},
                    },
                    "securityContext": RESTRICTED,
                    "volumeMounts": [
                        {
                            "name": "homes",
                            "mountPath": "/home/jovyan",
                            "subPath": "alice.smith@example.org",
                        },
                        {
                            "name": "projects",
                            "mountPath": "/projects/archive",
                            "subPath": "archive",
                            "readOnly": True,
                        },
                        {"name": "projects", "mountPath": "/projects/survey", "subPath": "survey"},
                        {
                            "name": "scratch",
                            "mountPath": "/scratch",
                            "subPath": "alice.smith@example.org",
                        },
                        {"name": "data-embargoed", "mountPath": "/data/embargoed", "readOnly": True},
                        {"name": "data-sky", "mountPath": "/data/sky", "readOnly": True},
                        {"name": "software", "mountPath": "/software"},
                        {"name": "tmp", "mountPath": "/tmp"},
                    ],
                }
            ],
            "volumes": [
                *on_claims("homes", "projects", "scratch", "data-embargoed", "data-sky", "software"),
                {"name": "tmp", "emptyDir": {"sizeLimit": "10Gi"}},
            ],
        },
    }


def test_nothing_of_the_last_profile_stays_when_the_same_server_starts_with_another(user):
    alice = user("alice", "galaxies")
    spawner = alice.start(profile="gpu")
    spawner.clear_state()
    spawner.api_token = "made-up"  # clear_state took it; the hub makes a new one
    spawner.apply_user_options(spawner, {"profile": "small"})
    assert manifest(spawner) == manifest(user("alice", "galaxies").start(profile="small"))


def test_a_pod_in_a_user_namespace_of_its_own(site):
    apart = pod_traits(replace(site, user_namespaces=True))["extra_pod_config"]
    shared = pod_traits(site)["extra_pod_config"]
    assert (apart, shared) == (
        {"enableServiceLinks": False, "hostUsers": False},
        {"enableServiceLinks": False},
    )


def test_a_pod_goes_when_its_owner_goes(user):
    spawner = user("alice").start()
    spawner.owner = {"api_version": "v1", "kind": "ServiceAccount", "name": "hub", "uid": "1-2-3"}
    assert manifest(spawner)["metadata"]["ownerReferences"] == [
        {"apiVersion": "v1", "kind": "ServiceAccount", "name": "hub", "uid": "1-2-3"}
    ]
