"""Noticing soon that a server answers.

KubeSpawner looks whether the pod runs, and then the hub whether it answers, after random pauses that grow to seconds:
half of a start could pass unnoticed. Here the pauses are a small share of the wait, at most half a minute long; what is
not there by then, and whatever else happens, is left to them.
"""

import asyncio
import time
from collections.abc import Callable

import aiohttp

LONGEST = 30
"""Seconds after which the others' growing pauses are a small share of the wait as well."""

SHORTEST_PAUSE = 0.1
SHARE = 1 / 20
ASKING = aiohttp.ClientTimeout(total=5)
SERVER_ERROR = 500


def pause(waited: float) -> float:
    """Return the seconds until the next look, so that no more than this share of the wait is lost."""
    return max(SHORTEST_PAUSE, SHARE * waited)


async def until_answer(address: Callable[[], str | None], *, longest: float = LONGEST) -> None:
    """Return as soon as something answers, and after some time in any case; errors of the server are no answer.

    Parameters
    ----------
    address
        Gives the URL to ask, or None as long as there is none.
    longest
        Seconds after which to return without an answer.
    """
    began = time.monotonic()
    async with aiohttp.ClientSession(timeout=ASKING) as session:
        while (waited := time.monotonic() - began) < longest:
            url = address()
            if url is not None and await _answers(session, url):
                return
            await asyncio.sleep(pause(waited))


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url, allow_redirects=False) as answer:
            return answer.status < SERVER_ERROR
    except (aiohttp.ClientError, TimeoutError):
        return False
