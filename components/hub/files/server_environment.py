"""The environment of a user's server."""

from server_folders import HOME, SCRATCH, TMP
from site_document import Profile, Site

THREAD_VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_MAX_THREADS",
    # os.cpu_count() of Python 3.13, which counts the node's cores otherwise.
    "PYTHON_CPU_COUNT",
)
LONGEST_ACTIVITY_INTERVAL = 300


def activity_interval(idle: int) -> int:
    """Return how often servers report activity, so that one in use never looks idle.

    Parameters
    ----------
    idle
        Seconds after which a server counts as idle.

    Returns
    -------
    int
        Seconds. A report is up to 1.1 intervals old, and the hub drops those within
        `activity_resolution` of the last: together well below ``idle``.
    """
    return max(1, min(LONGEST_ACTIVITY_INTERVAL, idle // 4))


def activity_resolution(idle: int) -> int:
    """Return the seconds within which the hub does not write activity to its database again."""
    return min(30, idle // 4)


def threads(cpu_limit: float) -> int:
    """Return how many threads numerical libraries start: whole cores of the limit, at least one."""
    return max(1, int(cpu_limit))


def server_environment(site: Site, profile: Profile) -> dict[str, str]:
    """Return what is set beside JupyterHub's own variables, ``MEM_LIMIT`` and ``CPU_LIMIT``."""
    return {
        **site.environment,
        "HOME": HOME,
        # Connection files and sockets of one server: not in a home that several servers share.
        "JUPYTER_RUNTIME_DIR": f"{TMP}/jupyter-runtime",
        "JUPYTERHUB_ACTIVITY_INTERVAL": str(activity_interval(site.culling.idle)),
        "SCIENCE_PLATFORM_SITE": site.name,
        # As on any computing centre's machines.
        **({"SCRATCH": SCRATCH} if site.scratch_claim else {}),
        **dict.fromkeys(THREAD_VARIABLES, str(threads(profile.cpu_limit))),
    }
