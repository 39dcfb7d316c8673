"""What users and project spaces may have."""

from components.storage.limits import amounts, limits
from components.storage.spec import QuotasSpec

GI, TI = 2**30, 2**40
QUOTAS = QuotasSpec.model_validate(
    {
        "heldBy": "cephfs",
        "homes": {
            "default": "50Gi",
            "groups": {"staff": "200Gi", "guests": "10Gi"},
            "users": {"ada": "1Ti", "newcomer": "1Gi"},
        },
        "projects": {"default": "5Ti", "spaces": {"survey": "20Ti"}},
    }
)
GROUPS = {"ada": ["staff"], "bob": ["guests", "staff"], "eve": ["guests"], "joe": ["others"]}


def test_a_user_has_the_own_limit_else_the_largest_of_the_groups_else_the_default():
    assert limits(QUOTAS, GROUPS)["homes"] == {
        "default": 50 * GI,
        "limits": {"ada": TI, "bob": 200 * GI, "eve": 10 * GI, "newcomer": GI},
    }


def test_a_space_has_the_own_limit_else_the_default():
    assert limits(QUOTAS, GROUPS)["projects"] == {"default": 5 * TI, "limits": {"survey": 20 * TI}}


def test_volumes_without_limits_are_not_named():
    alone = QuotasSpec.model_validate({"heldBy": "cephfs", "scratch": {"default": "1Ti"}})
    assert limits(alone, {}) == {"scratch": {"default": TI, "limits": {}}}


def test_every_amount_that_a_folder_may_be_held_to_is_known():
    assert amounts(QUOTAS) == {
        "homes": [GI, 10 * GI, 50 * GI, 200 * GI, TI],
        "projects": [5 * TI, 20 * TI],
    }
