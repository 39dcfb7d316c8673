"""A user's own work: signing in, computing, and finding files again."""

from stacks.journey.day import Day, expect

SOLAR_CONSTANT = 1361.17
"""W/m²: the sun's nominal luminosity over the sphere at one astronomical unit (IAU 2015 Resolution B3)."""

_COMPUTE = """
import json
from math import pi
from astropy import constants, units
flux = constants.L_sun / (4 * pi * units.au**2)
print(json.dumps(flux.to_value(units.W / units.m**2)))
"""

_WRITE_FITS = """
import json, os
import numpy
from astropy.io import fits
folder = os.path.expanduser('~/{marker}')
os.makedirs(folder)
fits.PrimaryHDU(numpy.arange(12.0).reshape(3, 4)).writeto(folder + '/image.fits')
print(json.dumps(os.path.getsize(folder + '/image.fits')))
"""

_REMOVE = """
import json, os, shutil
folder = os.path.expanduser('~/{marker}')
shutil.rmtree(folder, ignore_errors=True)
print(json.dumps(os.path.exists(folder)))
"""

_READ_FITS = """
import json, os
from astropy.io import fits
print(json.dumps(fits.getdata(os.path.expanduser('~/{marker}/image.fits')).sum().item()))
"""


def sign_in(day: Day) -> str:
    """Check that the traveller signs in as a person does."""
    traveller = day.cast.traveller
    hub = day.hub(traveller)
    expect(
        not hub.servers(),
        f"{traveller.name} has a server running already: stop it first, a journey does not end people's work",
    )
    return f"as {hub.user}"


def profiles_offered(day: Day) -> str:
    """Check that the page offers exactly the profiles that are open to the traveller."""
    traveller = day.cast.traveller
    mine = {name for name, profile in day.offer.profiles.items() if profile.open_to(traveller.groups)}
    offered = day.hub(traveller).offered_profiles()
    expect(set(offered) == mine, f"offered are {', '.join(offered)}; open to the user: {', '.join(mine)}")
    return ", ".join(offered)


def spawn(day: Day) -> str:
    """Check that the traveller's server starts."""
    seconds = day.start(day.cast.traveller)
    return f"{day.profile(day.cast.traveller)}, ready in {seconds:.1f} s"


def compute(day: Day) -> str:
    """Check that a kernel computes something true: the solar constant, with astropy."""
    found = day.ask(day.cast.traveller, _COMPUTE)
    expect(abs(found - SOLAR_CONSTANT) < 0.01, f"the solar constant came out as {found} W/m²")  # noqa: PLR2004 - W/m²
    return f"solar constant {found:.2f} W/m²"


def write_files(day: Day) -> str:
    """Check that a kernel writes a FITS file, and the file browser a text."""
    traveller = day.cast.traveller
    size = day.ask(traveller, _WRITE_FITS.format(marker=day.marker))
    with day.hub(traveller).server() as server:
        server.write(f"{day.marker}/note.txt", f"written by {traveller.name}\n")
        names = server.names(day.marker)
    expect(names == ["image.fits", "note.txt"], f"the file browser shows {names}")
    return f"image.fits, {size} bytes"


def restart(day: Day) -> str:
    """Check that the server stops and starts again."""
    traveller = day.cast.traveller
    stopped = day.stop(traveller)
    expect(not day.hub(traveller).servers(), "the hub still knows of a server after it was stopped")
    return f"gone in {stopped:.1f} s, ready again in {day.start(traveller):.1f} s"


def find_files(day: Day) -> str:
    """Check that the files are there, with what was written."""
    traveller = day.cast.traveller
    total = day.ask(traveller, _READ_FITS.format(marker=day.marker))
    expect(total == 66, f"the pixels of the image add up to {total}, not to 66")  # noqa: PLR2004 - 0 + 1 + … + 11
    with day.hub(traveller).server() as server:
        text = server.read(f"{day.marker}/note.txt")
    expect(text == f"written by {traveller.name}\n", f"the note reads {text!r}")
    return "image and note as written"


def nothing_left(day: Day) -> str:
    """Check that the journey's files can be removed, and its servers stopped; tokens end with the clients."""
    traveller, count = day.cast.traveller, len(day.started)
    try:
        if (traveller, "") in day.started:
            left = day.ask(traveller, _REMOVE.format(marker=day.marker))
            expect(not left, f"the folder {day.marker} is still there")
    finally:
        day.close()
    return f"{count} servers stopped"
