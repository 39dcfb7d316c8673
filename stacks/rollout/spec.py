"""The ``rollout`` section of a site file: its turn when a merged change is brought out."""

from pydantic import Field

from infra.fields import Spec

LAST = 9


class RolloutSpec(Spec):
    """When `python -m stacks rollout` brings the site up, and whether."""

    wave: int = Field(default=2, ge=1, le=LAST)
    """Its turn: canaries are wave 1; a wave begins when every site of those before it is up."""

    automatic: bool = True
    """Whether merged changes are brought out, and drift is looked for, without anyone asking."""
