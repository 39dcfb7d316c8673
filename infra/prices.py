"""The ``prices`` section of a site file: what machines and storage cost, on premises and on clouds."""

from typing import Annotated

from pydantic import Field, StringConstraints

from infra.fields import Expected, Spec

Price = Annotated[float, Field(ge=0)]

Currency = Annotated[
    str, StringConstraints(pattern=r"^[A-Z]{3}$"), Expected("a currency by ISO 4217, such as EUR")
]

Machine = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$", max_length=100),
    Expected("a flavor or instance type as the cluster section has it"),
]

Item = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9 ._-]*$", max_length=60),
    Expected("a few words such as load balancer"),
]


class PricesSpec(Spec):
    """What things cost, as the data centre or the cloud bills it; the estimate is as good as this table."""

    currency: Currency
    """Currency of all prices."""

    as_of: Annotated[
        str,
        StringConstraints(pattern=r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]$"),
        Expected('a day such as "2026-11-24", in quotes'),
    ]
    """Day on which the prices held."""

    core_hour: Price = 0
    """An hour of one core, for machines that ``machines`` does not have and for what a server costs."""

    gpu_hour: Price = 0
    """An hour of one GPU, likewise."""

    terabyte_month: Price = 0
    """A month of one terabyte (10^12 bytes) of shared storage."""

    machines: dict[Machine, Price] = Field(default={})
    """An hour of one machine, by flavor or instance type."""

    monthly: dict[Item, Price] = Field(default={})
    """What a month costs in any case, by what it is: a load balancer, a control plane, support."""
