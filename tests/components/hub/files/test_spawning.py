"""Pods that the spawner makes, whole, and what it refuses."""

import asyncio
from typing import Any

import pytest
from kubernetes_asyncio.client import ApiClient
from kubernetes_asyncio.client.rest import ApiException

from refusal import Refused
from server_folders import MAKE_FOLDERS
from server_limits import Usage
from spawning import SiteSpawner, kubernetes_refusal

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
                    "command": ["sh", "-ceu", MAKE_FOLDERS, "folders", "/volumes/homes/bob"],
                    "volumeMounts": [{"name": "homes", "mountPath": "/volumes/homes"}],
                }
            ],
            "containers": [
                {
                    "name": "notebook",
                    "image": "localhost/science-platform/lab:1",
                    "imagePullPolicy": "IfNotPresent",
                    "args": ["jupyterhub-singleuser"],
                    "lifecycle": {},
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
                        {"name": "tmp", "mountPath": "/tmp"},
                    ],
                }
            ],
            "volumes": [
                {"name": "homes", "persistentVolumeClaim": {"claimName": "homes"}},
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
                        "/volumes/homes/alice.smith@example.org",
                        "/volumes/projects/archive",
                        "/volumes/projects/survey",
                    ],
                    "volumeMounts": [
                        {"name": "homes", "mountPath": "/volumes/homes"},
                        {"name": "projects", "mountPath": "/volumes/projects"},
                    ],
                }
            ],
            "containers": [
                {
                    "name": "notebook",
                    "image": "registry.example.org/gpu-lab:2",
                    "imagePullPolicy": "IfNotPresent",
                    "args": ["jupyterhub-singleuser"],
                    "lifecycle": {},
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
                        {"name": "tmp", "mountPath": "/tmp"},
                        {
                            "name": "projects",
                            "mountPath": "/projects/archive",
                            "subPath": "archive",
                            "readOnly": True,
                        },
                        {
                            "name": "projects",
                            "mountPath": "/projects/survey",
                            "subPath": "survey",
                            "readOnly": False,
                        },
                    ],
                }
            ],
            "volumes": [
                {"name": "homes", "persistentVolumeClaim": {"claimName": "homes"}},
                {"name": "tmp", "emptyDir": {"sizeLimit": "10Gi"}},
                {"name": "projects", "persistentVolumeClaim": {"claimName": "projects"}},
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


@pytest.mark.parametrize("name", ["a", "a.b", "a-b", "a_b", "x" * 64, "a--b", "user@very-long.example.org"])
@pytest.mark.parametrize("server", ["", "w", "s" * 60])
def test_pod_names_are_dns_labels(user, name, server):
    pod = user(name).server(server).pod_name
    assert len(pod) <= 63
    assert pod.replace("-", "").isalnum()
    assert pod == pod.lower()
    assert not pod.endswith("-")


def test_different_users_and_servers_have_different_pods(user):
    names = ["a-b", "a.b", "a_b", "a@b", "a--b", "ab", "x" * 63, "x" * 64]
    servers = ["", "b", "s" * 60, "s" * 61]
    assert len({user(name).server(server).pod_name for name in names for server in servers}) == 32


def refusal_of(start) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        start()
    return caught.value.status_code, caught.value.jupyterhub_message


def test_a_forged_profile_is_refused(user):
    assert refusal_of(lambda: user("bob").start(profile="gpu")) == (
        403,
        "The profile 'gpu' is for members of galaxies, and you are not one. Choose one of small.",
    )


def test_the_form_shows_only_what_the_user_may_choose(user):
    assert [profile["slug"] for profile in user("bob").server().profile_list(user("bob").server())] == [
        "small"
    ]


def test_a_server_beyond_the_memory_limit_is_refused_and_holds_nothing(user):
    alice = user("alice", "galaxies")
    alice.start(profile="gpu")
    alice.start("one")
    status, message = refusal_of(lambda: alice.start("two"))
    assert (status, alice.spawners["two"].admitted) == (409, None)
    assert message == (
        "You use 5 GiB of the 5 GiB that you may have at a time, and this server asks for 1 GiB. You have: "
        "the default server (8.5 cores, 4 GiB); the server 'one' (2 cores, 1 GiB). "
        "Stop one of them, on the page Home, or choose a smaller kind of server."
    )


def test_a_server_that_has_stopped_gives_back_what_it_held(user):
    alice = user("alice", "galaxies")
    alice.start(profile="gpu")
    alice.start("one")
    alice.spawners["one"].clear_state()
    alice.spawners["one"]._spawn_pending = False
    assert alice.start("two").admitted == Usage(name="two", cpu=2, memory=GI)


def test_a_server_that_is_not_admitted_yet_does_not_count(user):
    alice = user("alice", "galaxies")
    waiting = alice.server("waiting")
    waiting._spawn_pending = True
    alice.start(profile="gpu")
    alice.start("one")
    assert refusal_of(lambda: waiting.apply_user_options(waiting, {}))[0] == 409


def test_what_a_server_holds_outlives_the_hub(user):
    alice = user("alice", "galaxies")
    state = alice.start("fits", profile="gpu").get_state()
    restored = user("alice").server("fits")
    restored.load_state(state)
    assert restored.admitted == Usage(name="fits", cpu=8.5, memory=4 * GI)


def test_a_user_whose_name_cannot_be_a_folder_gets_no_server(user):
    status, message = refusal_of(lambda: user("../bob").start())
    assert (status, message) == (
        403,
        (
            "'../bob' cannot be the name of a home folder. Names are letters without accents, digits, and "
            ". _ - @ between them, 64 characters at most."
        ),
    )


def test_a_full_site_is_explained(user, monkeypatch):
    async def refuse(_: object) -> str:
        error = ApiException(status=403, reason="Forbidden")
        error.body = '{"message": "pods \\"jupyter-bob\\" is forbidden: exceeded quota: servers"}'
        raise error

    monkeypatch.setattr("kubespawner.KubeSpawner._start", refuse)
    with pytest.raises(Refused) as caught:
        asyncio.run(user("bob").start()._start())
    assert caught.value.jupyterhub_message == (
        "The whole site has no room for this server now. Choose a smaller kind, or try again later."
    )


def test_other_refusals_of_kubernetes_give_their_reason_but_no_details():
    error = ApiException(status=422, reason="Unprocessable Entity")
    error.body = "token made-up"
    assert kubernetes_refusal(error) == (
        "The cluster did not take the server (422 Unprocessable Entity). "
        "Try again; if it stays, tell the site's administrators the time of your attempt."
    )


def test_progress_is_in_words_for_people(user, monkeypatch):
    event = {"reason": "TriggeredScaleUp", "message": "pod triggered scale-up: [{asg 1->2}]"}

    async def steps(_: object):
        yield {"progress": 30, "raw_event": event, "message": "12:00 [Normal] pod triggered"}
        yield {"message": "Patience"}

    monkeypatch.setattr("kubespawner.KubeSpawner.progress", steps)
    spawner = user("bob").start()

    async def collect() -> list[dict[str, Any]]:
        return [step async for step in spawner.progress()]

    assert asyncio.run(collect()) == [
        {
            "progress": 30,
            "raw_event": event,
            "message": "A new machine is started for the server; this takes some minutes.",
        },
        {"message": "Patience"},
    ]
