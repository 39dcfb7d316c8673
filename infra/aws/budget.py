"""What a month may cost before someone is told."""

import pulumi
import pulumi_aws as aws

from infra.aws.spec import BudgetSpec

SITE_TAG = "science-platform-site"
"""Tag of everything that a site has."""


def declare_budget(site: str, spec: BudgetSpec, options: pulumi.ResourceOptions) -> None:
    """Declare the budget of what is tagged as the site's; the tag has to be switched on for billing once."""
    aws.budgets.Budget(
        f"{site}-budget",
        name=f"science-{site}",
        budget_type="COST",
        limit_amount=f"{spec.monthly:g}",
        limit_unit="USD",
        time_unit="MONTHLY",
        cost_filters=[{"name": "TagKeyValue", "values": [f"user:{SITE_TAG}${site}"]}],
        notifications=[
            {
                "comparison_operator": "GREATER_THAN",
                "threshold": threshold,
                "threshold_type": "PERCENTAGE",
                "notification_type": kind,
                "subscriber_email_addresses": list(spec.notify),
            }
            for kind, threshold in (("ACTUAL", 80), ("FORECASTED", 100))
        ],
        opts=options,
    )
