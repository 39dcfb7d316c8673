"""The service's own modules, found by their bare names as in its pods."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "components" / "tap" / "files"))
