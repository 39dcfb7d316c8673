"""The hub's configuration: the site's ``site.json`` beside this file, and secrets from the environment."""

import os
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path.insert(0, str(FOLDER))

from traitlets.config import Config  # noqa: E402 - the modules below are found beside this file

import site_document  # noqa: E402
from hub_settings import hub_config  # noqa: E402
from server_owner import own_service_account  # noqa: E402
from server_pod import pod_traits  # noqa: E402
from sign_in import sign_in_config  # noqa: E402
from spawning import SiteSpawner  # noqa: E402

c = get_config()  # noqa: F821 - JupyterHub's own name for what this file fills in
site = site_document.load(FOLDER / "site.json")
c.merge(Config(hub_config(site, os.environ, FOLDER)))
c.merge(Config(sign_in_config(site, os.environ)))
c.JupyterHub.spawner_class = SiteSpawner
c.SiteSpawner = Config(pod_traits(site), site=site, owner=own_service_account())
