"""Adds the services that LocalStack 4.14.0 lacks, from a companion: plugins that run inside LocalStack's process.

The companion is the emulator host of ``emulation/emulator``. LocalStack stays the one endpoint and the one engine of
CloudFormation. It finds the plugins by ``plugins/asyncsns_companion-1.dist-info/entry_points.txt`` when the folder
``plugins`` and the root of this repository are on its Python path; nothing is installed and nothing is patched.

Imports the standard library, what LocalStack's environment has, and those modules of ``emulation`` that need no more.
"""
