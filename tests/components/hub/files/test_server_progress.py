"""What people read while their server starts."""

import pytest

from server_progress import progress_message


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (
            {"reason": "FailedScheduling", "message": "0/3 nodes are available: 3 Insufficient memory."},
            "There is no room at the moment: the server starts as soon as there is.",
        ),
        (
            {"reason": "Failed", "message": 'Failed to pull image "x/lab:1": not found'},
            "The server's software cannot be fetched: tell the site's administrators.",
        ),
        (
            {"reason": "Failed", "message": "Error: ErrImagePull"},
            "The server's software cannot be fetched: tell the site's administrators.",
        ),
        (
            {
                "reason": "Started",
                "message": "Started container folders",
                "involvedObject": {"fieldPath": "spec.initContainers{folders}"},
            },
            "The folders are prepared.",
        ),
        (
            {
                "reason": "Started",
                "message": "Started container notebook",
                "involvedObject": {"fieldPath": "spec.containers{notebook}"},
            },
            "The server starts.",
        ),
        (
            {
                "reason": "Pulled",
                "message": "Container image already present",
                "involvedObject": {"fieldPath": "spec.containers{notebook}"},
            },
            "The server's software is there.",
        ),
        ({"reason": "Unheard", "message": "Something of a new Kubernetes"}, "Something of a new Kubernetes"),
        ({"reason": None, "message": None}, ""),
    ],
)
def test_events_in_words_for_people(event, message):
    assert progress_message(event) == message
