"""What a Kubernetes API server refuses, in one sentence."""

import json
from typing import Any


class KubeError(Exception):
    """A request that the API server refused.

    Attributes
    ----------
    status
        The HTTP status: 404 not found, 409 conflict, 410 too old, 422 invalid …; 0 where it could not be
        reached.
    reason
        Kubernetes' word for it, such as ``AlreadyExists`` or ``Conflict``.
    causes
        What is wrong with which field: ``(field, message)``.
    """

    def __init__(
        self, text: str, status: int, reason: str = "", causes: tuple[tuple[str, str], ...] = ()
    ) -> None:
        super().__init__(text)
        self.status = status
        self.reason = reason
        self.causes = causes


class NoSuchKindError(KubeError):
    """The server has no such kind: a CRD is missing, or not yet established."""


def refusal(request: str, status: int, body: bytes, *, secret: bool = False) -> KubeError:
    """Return the error for a response.

    Parameters
    ----------
    request
        What was asked for, in words: ``apply Deployment science-demo/hub``.
    body
        The response: a ``Status`` of the API, or whatever a proxy on the way said.
    secret
        Whether the object's values must not be shown; messages may quote them, so that only fields are named.
    """
    answer = _status(body)
    reason = answer.get("reason") or ""
    found = (answer.get("details") or {}).get("causes") or ()
    causes = tuple((cause.get("field", ""), cause.get("message", "")) for cause in found)
    if secret:
        causes = tuple((field, "(not shown)") for field, _ in causes)
        said = "; ".join(field for field, _ in causes)
    else:
        said = answer.get("message") or ""
    text = f"cannot {request}: {status} {reason}".rstrip() + (f": {said}" if said else "")
    return KubeError(text, status, reason, causes)


def _status(body: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except ValueError:
        return {"message": body[:300].decode(errors="replace").strip()}
    return answer if isinstance(answer, dict) else {}
