"""Where errors came from is not told to the program."""


def format_exc(*args, **kwargs):
    return ""


def print_exc(*args, **kwargs):
    pass


print_exception = print_stack = print_tb = print_last = print_exc


def format_exception(*args, **kwargs):
    return []


format_tb = format_stack = extract_tb = extract_stack = format_list = format_exception


def format_exception_only(*args):
    return []


class TracebackException:
    def __init__(self, *args, **kwargs):
        pass
