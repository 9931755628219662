"""The machine, as stated: Linux on x86-64."""
import sys as _sys


def system():
    return "Linux"


def machine():
    return "x86_64"


processor = machine


def python_version():
    return _sys.version


def python_version_tuple():
    return tuple(_sys.version.split("."))


def python_implementation():
    return "CPython"


def platform(*args, **kwargs):
    return "Linux-x86_64"


def node():
    return "localhost"


def release():
    return ""


version = release


def architecture():
    return ("64bit", "ELF")


def libc_ver():
    return ("glibc", "2.36")


def mac_ver():
    return ("", ("", "", ""), "")
