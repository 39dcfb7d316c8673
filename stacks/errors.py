"""The errors that are told to the operator as they are; anything else is a bug and shows its traceback."""

from images.errors import ImageError
from infra.kube_config import KubeconfigError
from infra.kube_errors import KubeError
from infra.local.errors import LocalClusterError
from infra.packages import PackagesError
from stacks.access import ClaimsError
from stacks.apply_errors import ApplyError
from stacks.apply_lock import LockedError
from stacks.backup.errors import BackupError
from stacks.diff.base import BaseError
from stacks.engine import EngineError
from stacks.journey.errors import JourneyError
from stacks.readiness import NotReadyError
from stacks.resources import ProgramError
from stacks.site_errors import SiteError
from stacks.sites import MissingSecretError, UnknownSiteError

OPERATOR_ERRORS = (
    ApplyError,
    BackupError,
    BaseError,
    ClaimsError,
    EngineError,
    ImageError,
    JourneyError,
    KubeError,
    KubeconfigError,
    LocalClusterError,
    LockedError,
    MissingSecretError,
    NotReadyError,
    PackagesError,
    ProgramError,
    SiteError,
    UnknownSiteError,
)
