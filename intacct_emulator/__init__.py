"""An emulator of the Sage Intacct REST API, over HTTP and in memory, for tests, the demo and trying things out.

What it does is taken from Sage's public documentation and from recorded traffic. Where neither shows what the API does,
the emulator's own choice is marked `# guess[...]:` in the source and listed in docs/emulator.md.
"""
