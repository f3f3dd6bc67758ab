"""Torture tests: a campaign runs many cases of one kind of trouble, and each case is held against the same promise.

Whatever the bank, the disk, the network, another process or a hostile file does, a completed row is in exactly one
delivered file or the exit code says why not; there is no undocumented exit code, no traceback, no file outside of the
place, and the API key is in no output and no file.
"""
