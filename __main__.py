"""The Pulumi program; all of it is in stacks/program.py, where the offline plan runs it as well."""

from stacks.program import main

main()
