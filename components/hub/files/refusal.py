"""Errors that tell a person what to do next."""

from tornado.web import HTTPError


class Refused(HTTPError):  # noqa: N818 - it reads as what happened to the request
    """A request that is refused, with the sentence that the person sees.

    JupyterHub shows ``jupyterhub_message`` as it is, on pages and in API answers.

    Parameters
    ----------
    status
        HTTP status.
    message
        What is wrong and what to do; plain text.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.jupyterhub_message = message
