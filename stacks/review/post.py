"""``python3 -m stacks.review.post github|gitlab``: writes the comments, in a job that has a token.

Everything it needs to know comes from the forge's own environment; nothing has to be installed for it.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from stacks.review.artefact import ArtefactError
from stacks.review.github import BOT, GitHub
from stacks.review.gitlab import GitLab
from stacks.review.http import ForgeError

TOKEN = "SCIENCE_PLATFORM_GITLAB_TOKEN"  # noqa: S105 - the variable's name
AUTHOR = "SCIENCE_PLATFORM_GITHUB_BOT"


def on_github(environment: Mapping[str, str]) -> Iterator[str]:
    """Comment on the pull request of a ``workflow_run`` event; yield what was done."""
    run = json.loads(Path(environment["GITHUB_EVENT_PATH"]).read_text())["workflow_run"]
    forge = GitHub(
        environment["GITHUB_API_URL"],
        environment["GITHUB_TOKEN"],
        environment["GITHUB_REPOSITORY"],
        environment.get(AUTHOR, BOT),
    )
    yield forge.comment_on(run)


def on_gitlab(environment: Mapping[str, str]) -> Iterator[str]:
    """Comment on every open merge request; yield what was done."""
    forge = GitLab(environment["CI_API_V4_URL"], environment[TOKEN], environment["CI_PROJECT_ID"])
    yield from forge.comment_on_all()


FORGES = {"github": on_github, "gitlab": on_gitlab}


def main(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> int:
    """Comment; return 0, 1 where something is not as it should be, 2 where it was asked for in a wrong way."""
    if len(arguments) != 1 or arguments[0] not in FORGES:
        print("usage: python3 -m stacks.review.post github|gitlab", file=sys.stderr)
        return 2
    try:
        for done in FORGES[arguments[0]](environment):
            print(done, flush=True)
    except KeyError as error:
        print(f"the variable {error} is not set: this runs in a pipeline (docs/review.md)", file=sys.stderr)
        return 2
    except (ArtefactError, ForgeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
