"""What people read while their server starts: Kubernetes' events in their words."""

from collections.abc import Mapping
from typing import Any

MESSAGES = {
    "Scheduled": "A place for the server was found.",
    "Pulling": "The server's software is fetched; the first time on a machine this takes minutes.",
    "Pulled": "The server's software is there.",
    "Created": "The server starts.",
    "Started": "The server starts.",
    "SuccessfulAttachVolume": "The files were attached.",
    "FailedScheduling": "There is no room at the moment: the server starts as soon as there is.",
    "TriggeredScaleUp": "A new machine is started for the server; this takes some minutes.",
    "NotTriggerScaleUp": "There is no room, and the site cannot grow: the server starts when another stops.",
    "Preempting": "Room is made for the server.",
    "FailedMount": "The files are not there yet; it is tried again.",
    "FailedAttachVolume": "The files are not there yet; it is tried again.",
    "Evicted": "The server was stopped because its machine ran out of room.",
    "OOMKilling": "The server used more memory than its kind has, and was stopped.",
    "Killing": "The last server is stopped.",
}
FOLDERS = "{folders}"
"""How events name the container that makes a user's folders."""

FAILURES = {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ImageInspectError"}


def progress_message(event: Mapping[str, Any]) -> str:
    """Return what an event of a user's pod means for the user.

    Parameters
    ----------
    event
        A Kubernetes event (core/v1) as KubeSpawner keeps it.
    """
    reason, message = event.get("reason") or "", event.get("message") or ""
    if reason in FAILURES or (
        reason == "Failed" and ("image" in message or message.endswith("ErrImagePull"))
    ):
        return "The server's software cannot be fetched: tell the site's administrators."
    if reason in ("Pulled", "Created", "Started") and FOLDERS in event["involvedObject"].get("fieldPath", ""):
        return "The folders are prepared."
    return MESSAGES.get(reason, message)
