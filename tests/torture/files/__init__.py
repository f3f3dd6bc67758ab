"""The files of a run, in trouble: operations that fail, processes that are killed, paused and interleaved."""
