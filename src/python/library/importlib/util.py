"""Whether a module can be found."""
from _assay import installed as _installed, unknown as _unknown
from importlib.machinery import ModuleSpec


def find_spec(name, package=None):
    top = name.split(".")[0]
    if _installed(top):
        return ModuleSpec(name, None)
    try:
        __import__(top)
    except ImportError:
        return None
    import sys

    return ModuleSpec(name, None) if top in sys.modules else None


def module_from_spec(spec):
    return _unknown(f"the module {spec.name} made from a file")


def spec_from_file_location(name, location=None, **kwargs):
    return ModuleSpec(name, None, origin=location)


def resolve_name(name, package):
    return package + name if name.startswith(".") else name
