"""The backup's programs as its pods find them."""

import sys

from components.backup.component import FILES

sys.path.insert(0, str(FILES))
