"""What all user pods of a site have in common."""

from typing import Any

from server_folders import HOME
from server_security import CONTAINER_SECURITY, GID, POD_SECURITY, UID
from site_document import Site

STOP_SECONDS = 10
"""Seconds that a server has to end its kernels when it is stopped."""

HTTP_SECONDS = 60
"""Seconds that a started container has to answer."""


def user_namespace(site: Site) -> dict[str, Any]:
    """Return what puts a pod into a user namespace of its own; nothing where it shares the node's.

    Inside one, nobody can give a file to another project (FS_IOC_FSSETXATTR): quotas of folders hold.
    """
    return {"hostUsers": False} if site.user_namespaces else {}


def pod_traits(site: Site) -> dict[str, Any]:
    """Return KubeSpawner's settings for every server of the site."""
    return {
        "namespace": site.namespace,
        "enable_user_namespaces": False,
        # At most 48 characters after the prefix, unique by a hash wherever a name had to be changed.
        "slug_scheme": "safe",
        "pod_name_template": "jupyter-{user_server}",
        "common_labels": dict(site.labels),
        "extra_annotations": {"cluster-autoscaler.kubernetes.io/safe-to-evict": "false"},
        "image_pull_policy": "IfNotPresent",
        "cmd": ["jupyterhub-singleuser"],
        "working_dir": HOME,
        "notebook_dir": HOME,
        "default_url": "/lab",
        "uid": UID,
        "gid": GID,
        "fs_gid": GID,
        "allow_privilege_escalation": False,
        "container_security_context": CONTAINER_SECURITY,
        "pod_security_context": POD_SECURITY,
        "automount_service_account_token": False,
        "extra_pod_config": {"enableServiceLinks": False, **user_namespace(site)},
        "priority_class_name": site.priority_class,
        "storage_pvc_ensure": False,
        "events_enabled": True,
        "delete_stopped_pods": True,
        "delete_grace_period": STOP_SECONDS,
        "start_timeout": site.start_timeout,
        "http_timeout": HTTP_SECONDS,
        "poll_interval": 30,
    }
