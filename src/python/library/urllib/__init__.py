"""Addresses of the web."""
from _assay import unknown as _unknown


def __getattr__(name):
    return _unknown(f"urllib.{name} is not interpreted")
