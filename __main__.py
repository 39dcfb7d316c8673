"""The Pulumi program; all of it is in stacks/program.py, where the offline plan runs it as well."""

import pulumi

from stacks.program import main
from stacks.site_errors import SiteError

try:
    main()
except SiteError as error:
    # What is wrong with a site file is told as it is, without a traceback.
    raise pulumi.RunError(str(error)) from None
