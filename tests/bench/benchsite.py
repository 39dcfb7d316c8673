"""The site that is measured, on the shared local cluster: nothing of it is there before or after."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.kube import Kube
from infra.local.cluster import LocalCluster
from infra.progress import Progress
from stacks.access import access_to
from stacks.bring import remembered_outputs
from stacks.journey import Person, shared_password_people
from stacks.journey.client import HubClient
from stacks.journey.offer import Offer
from stacks.sites import SiteFile, read
from stacks.status import passwords
from tests.support.site import DeployedSite

PATH = Path(__file__).parent / "Pulumi.bench.yaml"
PERSON = "alice"


class BenchSite:
    """The site, and whether it is up.

    Attributes
    ----------
    deployed
        The site as tests know it.
    """

    def __init__(self, progress: Progress) -> None:
        self.deployed = DeployedSite(PATH)
        self._progress = progress
        self._up = False

    @property
    def file(self) -> SiteFile:
        """The site's file."""
        return read(str(PATH))

    @property
    def kube(self) -> Kube:
        """A new client of its cluster."""
        return access_to(self.file).client()

    @property
    def cluster(self) -> LocalCluster:
        """Its cluster."""
        return self.deployed.cluster

    def ensure_cluster(self) -> None:
        """Bring the cluster up, with the images and nothing of the site."""
        self.up()
        self.down()

    def ensure_up(self) -> None:
        """Bring the site up unless it is."""
        if not self._up:
            with self._progress.step(f"bringing site {self.file.name} up"):
                self.up()

    def up(self) -> None:
        """Bring the site up."""
        self._up = True  # what fails half way is to be taken down as well
        self.deployed.up()

    def down(self) -> None:
        """Take the site down with all that is its."""
        if self._up:
            self.deployed.down(everything=True)
            self._up = False

    close = down

    @contextmanager
    def signed_in(self) -> Iterator[HubClient]:
        """Sign the site's person in, for as long as the body runs."""
        record = remembered_outputs(self.file.name)
        found = passwords(self.kube, self.file.name)
        people = shared_password_people(record, users=found["userPassword"], admins=found["adminPassword"])
        offer = Offer.of(record)
        with HubClient(offer.route, offer.url) as client:
            client.sign_in(_named(people, PERSON).sign_in)
            yield client


def _named(people: list[Person], name: str) -> Person:
    return next(person for person in people if person.name == name)
