"""Who user pods run as, and what they may not do: the pod security standard ``restricted``, and a little more."""

UID = 1000
GID = 1000

POD_SECURITY = {
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
    # Not every home at every start, where a volume's root is right already.
    "fsGroupChangePolicy": "OnRootMismatch",
}

CONTAINER_SECURITY = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "readOnlyRootFilesystem": True,
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
