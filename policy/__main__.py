"""What Pulumi starts, in this folder: serves the pack until the engine has done with it."""

import sys
from pathlib import Path

# Pulumi runs a pack by its folder, so the project that it belongs to is not found by itself.
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from pulumi_policy import PolicyPack

from policy.pack import NAME, policies

PolicyPack(NAME, policies())
