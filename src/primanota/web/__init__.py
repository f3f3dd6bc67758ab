"""The page: a bookkeeper's week in a browser of this machine, over the use cases of ``app``. No logic of its own."""
