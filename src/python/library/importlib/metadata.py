"""Which packages are installed, and in which versions."""
from _assay import installed as _installed, version as _version


class PackageNotFoundError(ModuleNotFoundError):
    pass


def _known(name):
    for one in (name, name.replace("-", "_"), name.lower(), name.lower().replace("-", "_")):
        if _version(one) is not None or _installed(one):
            return one
    raise PackageNotFoundError(name)


def version(distribution_name):
    return _version(_known(distribution_name)) or "0.0.0"


class Distribution:
    def __init__(self, name):
        self.name = name
        self.version = version(name)
        self.metadata = {"Name": name, "Version": self.version}


def distribution(distribution_name):
    return Distribution(distribution_name)


def metadata(distribution_name):
    return {"Name": distribution_name, "Version": version(distribution_name)}


def distributions(**kwargs):
    return []


def packages_distributions():
    return {}


def entry_points(**kwargs):
    return []


def requires(distribution_name):
    return None
