"""Sign-in on disposable sites: one password for all users, another for administrators."""

from collections.abc import Mapping
from secrets import compare_digest
from typing import Any

from jupyterhub.authenticators.shared import SharedPasswordAuthenticator
from traitlets import Instance

from site_document import LocalUser, PasswordIdentity


def user_model(name: str, user: LocalUser) -> dict[str, Any]:
    """Return what the hub keeps of a user; what administrators may do comes from a role of the site's own."""
    return {"name": name, "admin": False, "groups": sorted(user.groups)}


def same(given: str, expected: str) -> bool:
    """Return whether two passwords are equal, in a time that does not tell where they differ."""
    return compare_digest(given.encode(), expected.encode())


class SitePasswordAuthenticator(SharedPasswordAuthenticator):
    """Signs in the users of the site file and nobody else; their groups follow the file.

    JupyterHub's own shared password lets everyone choose a name and takes groups from passwords.
    """

    identity = Instance(PasswordIdentity, config=True, help="The site's users.")

    def check_allow_config(self) -> None:
        """Check nothing: who may sign in is in `identity`, which the base class does not know."""

    async def authenticate(self, handler: object, data: Mapping[str, str]) -> dict[str, Any] | None:
        """Return the user's model, or None for a wrong name or password."""
        name = self.normalize_username(data.get("username", ""))
        user = self.identity.users.get(name)
        expected = self.admin_password if user is not None and user.admin else self.user_password
        # Compared for unknown names also, so that the time does not tell which names are known.
        matches = same(data.get("password", ""), expected or "")
        return user_model(name, user) if user is not None and expected and matches else None

    def check_allowed(self, username: str, authentication: Mapping[str, Any] | None = None) -> bool:
        """Return whether the site file names the user."""
        return username in self.identity.users

    async def refresh_user(self, user: Any, handler: object = None) -> dict[str, Any] | bool:
        """Return the user's groups of now, or False to end the session of someone no longer in the file."""
        known = self.identity.users.get(user.name)
        return user_model(user.name, known) if known is not None else False
