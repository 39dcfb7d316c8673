"""A site as ``site.json`` has it, and where the hub's modules are."""

from pathlib import Path
from typing import Any

FILES = Path(__file__).parents[4] / "components" / "hub" / "files"

GI = 2**30

DOCUMENT: dict[str, Any] = {
    "site": "local",
    "title": "Local 100% science",
    "namespace": "science-local",
    "url": "https://local.localhost:30443",
    "identity": {
        "kind": "sharedPassword",
        "users": {
            "alice": {"groups": ["galaxies"], "admin": False},
            "bob": {"groups": [], "admin": False},
            "carol": {"groups": [], "admin": True},
        },
    },
    "profiles": {
        "small": {
            "title": "Small",
            "description": "For light work",
            "cpu": {"guarantee": 0.1, "limit": 2},
            "memory": {"guarantee": GI // 4, "limit": GI},
            "image": "localhost/science-platform/lab:1",
            "gpus": 0,
            "gpuResource": "nvidia.com/gpu",
            "nodeSelector": {},
            "tolerations": [],
            "groups": [],
            "default": True,
        },
        "gpu": {
            "title": "GPU",
            "description": "",
            "cpu": {"guarantee": 4, "limit": 8.5},
            "memory": {"guarantee": 4 * GI, "limit": 4 * GI},
            "image": "registry.example.org/gpu-lab:2",
            "gpus": 2,
            "gpuResource": "amd.com/gpu",
            "nodeSelector": {"pool": "gpu"},
            "tolerations": [
                {"key": "gpu", "operator": "Equal", "value": "yes", "effect": "NoSchedule"},
            ],
            "groups": ["galaxies"],
            "default": False,
        },
    },
    "limits": {"servers": 3, "cpu": 16, "memory": 5 * GI},
    "culling": {"idle": 3600, "maximumAge": 86400, "every": 300},
    "homes": {"claim": "homes"},
    "projects": {
        "claim": "projects",
        "spaces": {
            "survey": {"title": "Survey", "readWrite": ["galaxies"], "readOnly": ["students"]},
            "archive": {"title": "", "readWrite": [], "readOnly": ["galaxies"]},
            "other": {"title": "", "readWrite": ["planets"], "readOnly": []},
        },
    },
    "scratch": {"claim": "scratch"},
    "software": {"claim": "software", "readWrite": ["galaxies"]},
    "collections": {
        "sky": {"claim": "data-sky", "title": "Sky survey", "groups": [], "readWrite": ["curators"]},
        "embargoed": {"claim": "data-embargoed", "title": "", "groups": ["galaxies"], "readWrite": []},
    },
    "priorityClass": "science-local-user",
    "userNamespaces": False,
    "startTimeout": 300,
    "folderImage": "localhost/science-platform/base:1",
    "services": {"metrics": {"scopes": ["read:metrics"]}},
    "doors": ["webdav"],
    "environment": {"AWS_REGION": "us-east-1"},
    "state": {"kind": "volume"},
    "labels": {
        "app.kubernetes.io/name": "singleuser-server",
        "app.kubernetes.io/instance": "local",
        "app.kubernetes.io/component": "singleuser-server",
        "app.kubernetes.io/part-of": "science-platform",
        "app.kubernetes.io/managed-by": "pulumi",
    },
}
