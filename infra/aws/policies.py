"""IAM policies as plain documents: who may take a role, and what it may do; pure functions."""

from collections.abc import Sequence
from typing import Any

Document = dict[str, Any]

VERSION = "2012-10-17"
"""Version of the policy language, which is not a date of ours."""


def document(*statements: Document) -> Document:
    """Return a policy of these statements."""
    return {"Version": VERSION, "Statement": list(statements)}


def allow(actions: Sequence[str], resources: Sequence[str], **more: object) -> Document:
    """Return a statement that allows actions on resources."""
    return {"Effect": "Allow", "Action": list(actions), "Resource": list(resources), **more}


def trust_service(service: str) -> Document:
    """Return who may take a role that one of AWS's services acts in."""
    return document({"Effect": "Allow", "Principal": {"Service": service}, "Action": ["sts:AssumeRole"]})


def trust_pods() -> Document:
    """Return who may take a role that pods act in, by EKS Pod Identity."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
    }
    return document(statement)


def write_log(group_arn: str) -> Document:
    """Return the right to write into one log group."""
    actions = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
    return document(allow(actions, [f"{group_arn}:*"]))


def use_key(account: str, region: str, partition: str = "aws") -> Document:
    """Return the policy of the site's key: the account's administrators, and the region's logs of the account."""
    return document(
        {
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{partition}:iam::{account}:root"},
            "Action": ["kms:*"],
            # In a key's own policy this is the key, not every key.
            "Resource": ["*"],
        },
        {
            "Sid": "Logs",
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{region}.amazonaws.com"},
            "Action": [
                "kms:Encrypt",
                "kms:Decrypt",
                "kms:ReEncrypt*",
                "kms:GenerateDataKey*",
                "kms:DescribeKey",
            ],
            "Resource": ["*"],
            "Condition": {
                "ArnLike": {
                    "kms:EncryptionContext:aws:logs:arn": f"arn:{partition}:logs:{region}:{account}:log-group:*"
                }
            },
        },
    )
