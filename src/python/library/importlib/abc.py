"""Loaders, by name only."""


class Loader:
    pass


class MetaPathFinder:
    pass
