"""Gate ``unprotected``: what holds data is protected from the day it is made, or the site file says why not."""

from collections.abc import Iterable, Iterator

from stacks.diff.holds import held, outlived
from stacks.gates.rules import ResourceGate, Setting, subject_of
from stacks.resources import PlannedResource

UNPROTECTED = "unprotected"


def unprotected(resources: Iterable[PlannedResource]) -> frozenset[str]:
    """Return what holds data that any change may take away, as the site file calls it."""
    return frozenset(subject_of(each) for each in resources if _loses(each))


def _loses(resource: PlannedResource) -> bool:
    return held(resource) is not None and not resource.options.protect and not outlived(resource)


def _rule(resource: PlannedResource, setting: Setting) -> Iterator[str]:
    if _loses(resource) and not setting.disposable and subject_of(resource) not in setting.accepted:
        yield (
            f"is not protected: any change may take {held(resource)} away. Declare it with keeping(options, "
            "keep=True), or say in the site file why it need not be: "
            f'accept: {{{subject_of(resource)}: {{reason: "…"}}}}'
        )


GATES = (ResourceGate(UNPROTECTED, "What holds data is protected.", _rule),)
