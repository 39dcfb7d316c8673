"""Where in a site file something is that a gate names."""

from stacks.site_errors import At, Keys, Located, Problem
from stacks.site_frame import SITE_PATH, open_document, shown
from stacks.sites import SiteFile


def located(file: SiteFile, keys: Keys, rule: str, at: At = "value") -> str:
    """Return a rule on a key of a site with its file, line and key."""
    problem = Problem((*SITE_PATH, *keys), rule, at)
    return str(Located(file.path, open_document(file.path).place(problem), shown(problem.path), rule))
