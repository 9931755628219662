"""Paths as text. No file is known to exist."""
sep = "/"
pardir = ".."
curdir = "."
extsep = "."


def _text(path):
    return path if isinstance(path, str) else path.__fspath__()


def join(path, *paths):
    whole = _text(path)
    for part in paths:
        part = _text(part)
        if part.startswith("/") or not whole:
            whole = part
        elif whole.endswith("/"):
            whole += part
        else:
            whole += "/" + part
    return whole


def split(path):
    path = _text(path)
    at = path.rfind("/") + 1
    head, tail = path[:at], path[at:]
    if head and head != "/" * len(head):
        head = head.rstrip("/")
    return head, tail


def basename(path):
    return split(path)[1]


def dirname(path):
    return split(path)[0]


def splitext(path):
    path = _text(path)
    at = path.rfind(".")
    start = path.rfind("/") + 1
    while start < at and path[start] == ".":
        start += 1
    return (path[:at], path[at:]) if at > start else (path, "")


def splitdrive(path):
    return "", _text(path)


def isabs(path):
    return _text(path).startswith("/")


def normpath(path):
    path = _text(path)
    parts = []
    for part in path.split("/"):
        if part in ("", "."):
            continue
        if part == ".." and parts and parts[-1] != "..":
            parts.pop()
        elif part != ".." or not path.startswith("/"):
            parts.append(part)
    whole = "/".join(parts)
    return ("/" + whole if path.startswith("/") else whole) or "."


def abspath(path):
    return normpath(path)


realpath = abspath


def normcase(path):
    return _text(path)


def expanduser(path):
    return _text(path)


def expandvars(path):
    return _text(path)


def exists(path):
    return False


lexists = isfile = isdir = islink = ismount = exists


def relpath(path, start=None):
    there = [part for part in normpath(path).split("/") if part not in ("", ".")]
    here = [part for part in normpath(start or ".").split("/") if part not in ("", ".")]
    same = 0
    while same < min(len(there), len(here)) and there[same] == here[same]:
        same += 1
    return "/".join([".."] * (len(here) - same) + there[same:]) or "."


def commonprefix(paths):
    paths = list(paths)
    if not paths:
        return ""
    low, high = min(paths), max(paths)
    for i, char in enumerate(low):
        if i >= len(high) or char != high[i]:
            return low[:i]
    return low


def commonpath(paths):
    split_paths = [path.split("/") for path in paths]
    parts = []
    for level in zip(*split_paths):
        if len(set(level)) > 1:
            break
        parts.append(level[0])
    return "/".join(parts)


def getsize(path):
    from _assay import unknown

    return unknown(f"the size of the file {path}")


getmtime = getctime = getatime = getsize
supports_unicode_filenames = True
