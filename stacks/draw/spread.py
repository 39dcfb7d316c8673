"""Things in a row, each as near as it can be to where it would like to be."""

from collections.abc import Sequence


def spread(
    wants: Sequence[float],
    steps: Sequence[float],
    low: float,
    high: float,
    weights: Sequence[float] | None = None,
) -> list[float]:
    """Return positions in the given order that are nearest to those wanted (weighted least squares).

    Parameters
    ----------
    wants
        Where each would like to be.
    steps
        How far each has to be from the next at least; one fewer than ``wants``, or as many (the last is ignored).
    low, high
        Bounds of all positions; where there is not room enough, the first is at ``low`` and ``high`` gives way.
    """
    offsets = [sum(steps[:place]) for place in range(len(wants))]
    pools: list[list[float]] = []
    for place, want in enumerate(wants):
        weight = weights[place] if weights else 1.0
        pools.append([weight * (want - offsets[place]), weight, 1])
        # Pool adjacent violators: those that are in each other's way share their mean.
        while len(pools) > 1 and pools[-2][0] / pools[-2][1] > pools[-1][0] / pools[-1][1]:
            total, weight, count = pools.pop()
            pools[-1] = [pools[-1][0] + total, pools[-1][1] + weight, pools[-1][2] + count]
    means = [total / weight for total, weight, count in pools for _ in range(int(count))]
    last = high - offsets[-1] if offsets else high
    return [max(low, min(last, mean)) + offset for mean, offset in zip(means, offsets, strict=True)]
