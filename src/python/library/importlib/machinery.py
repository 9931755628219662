"""What imports are described by."""


class _Loader:
    def exec_module(self, module):
        pass


class ModuleSpec:
    def __init__(self, name, loader, *, origin=None, loader_state=None, is_package=None):
        self.name = name
        self.loader = loader or _Loader()
        self.origin = origin
        self.submodule_search_locations = [] if is_package else None
        self.parent = name.rpartition(".")[0]
        self.has_location = origin is not None


class SourceFileLoader(_Loader):
    def __init__(self, fullname, path):
        self.name = fullname
        self.path = path


class PathFinder:
    pass
