"""IAM policies: who may take a role, and no right on everything where something has a name."""

import pytest

from infra.aws import autoscaler, files
from infra.aws.policies import trust_pods, trust_service, use_key, write_log

CLUSTER = "arn:aws:eks:eu-central-1:123456789012:cluster/science-demo"
GROUP = "arn:aws:logs:eu-central-1:123456789012:log-group:/science-platform/demo/flows"

RIGHTS = {
    "autoscaler": autoscaler.may_scale("science-demo", CLUSTER),
    "flow log": write_log(GROUP),
}
"""What roles of the site may do."""

NAMELESS = {*autoscaler.READ}
"""Actions that AWS gives on everything or not at all."""


@pytest.mark.parametrize("name", RIGHTS)
def test_a_right_names_what_it_is_on(name: str):
    for statement in RIGHTS[name]["Statement"]:
        if statement["Resource"] == ["*"]:
            assert set(statement["Action"]) <= NAMELESS
        assert not any(action in {"*", "iam:*"} or action.endswith(":*") for action in statement["Action"])


def test_the_autoscaler_sets_the_size_of_its_own_clusters_groups_alone():
    assert RIGHTS["autoscaler"]["Statement"][1:] == [
        {
            "Effect": "Allow",
            "Action": ["eks:DescribeNodegroup"],
            "Resource": ["arn:aws:eks:eu-central-1:123456789012:nodegroup/science-demo/*/*"],
        },
        {
            "Effect": "Allow",
            "Action": ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"],
            "Resource": [
                "arn:aws:autoscaling:eu-central-1:123456789012:autoScalingGroup:*:autoScalingGroupName/*"
            ],
            "Condition": {
                "StringEquals": {"aws:ResourceTag/k8s.io/cluster-autoscaler/science-demo": "owned"}
            },
        },
    ]


def test_a_log_is_written_to_and_not_read():
    assert write_log(GROUP)["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
            "Resource": [f"{GROUP}:*"],
        }
    ]


def test_roles_are_taken_by_those_they_are_for():
    (statement,) = trust_service("eks.amazonaws.com")["Statement"]
    assert statement["Principal"] == {"Service": "eks.amazonaws.com"}
    (statement,) = trust_pods()["Statement"]
    assert (statement["Principal"], statement["Action"]) == (
        {"Service": "pods.eks.amazonaws.com"},
        ["sts:AssumeRole", "sts:TagSession"],
    )


def test_the_key_is_the_accounts_and_its_logs():
    account, logs = use_key("123456789012", "eu-central-1")["Statement"]
    assert account["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert logs["Principal"] == {"Service": "logs.eu-central-1.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": "arn:aws:logs:eu-central-1:123456789012:log-group:*"
        }
    }


def test_files_move_by_tls_or_not_at_all():
    denied = [each for each in files.only_encrypted("arn:f")["Statement"] if each["Effect"] == "Deny"]
    assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_files_are_reached_by_their_mount_targets():
    allowed = files.only_encrypted("arn:f")["Statement"][0]
    assert allowed["Condition"] == {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}}
    assert "elasticfilesystem:ClientRootAccess" not in allowed["Action"]
