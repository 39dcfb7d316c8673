"""A user's day on a site, checked step by step: sign in, compute, keep files, and not see other people's."""

from stacks.journey.errors import JourneyError
from stacks.journey.journey import run
from stacks.journey.people import Person, people_from, shared_password_people
from stacks.journey.report import Report, Step

__all__ = ["JourneyError", "Person", "Report", "Step", "people_from", "run", "shared_password_people"]
