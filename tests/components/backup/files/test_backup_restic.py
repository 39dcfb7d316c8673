"""What restic says, in an operator's words."""

import pytest
from backup_restic import Outcome, explanation

STORE = "s3:https://s3.example.org/bucket/site/homes"


@pytest.mark.parametrize(
    ("code", "text", "meaning"),
    [
        (12, "Fatal: wrong password or no key found", "the secret backupPassword is not the one"),
        (11, "unable to create lock in backend", "still locked by another run"),
        (10, "Fatal: repository does not exist", "there are no backups at"),
        (10, "Stat: The specified bucket does not exist", "the bucket does not exist: create it"),
        (1, "client.PutObject: Access Denied.", "the store refuses access"),
        (1, "The Access Key Id you provided does not exist", "the store refuses the credentials"),
        (1, "write /backups/homes/data: no space left on device", "the store is full"),
        (1, "dial tcp: lookup s3.example.org: no such host", "is not known to the cluster's DNS"),
        (None, "dial tcp 192.0.2.1:443: i/o timeout", "the store does not answer"),
        (1, "x509: certificate signed by unknown authority", "certificate is not trusted"),
        (1, "first\nsomething else", "restic ended with 1: something else"),
    ],
)
def test_why_it_failed_and_what_to_do(code: int | None, text: str, meaning: str):
    assert meaning in explanation(Outcome(code, text), STORE)
