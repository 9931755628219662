"""Documentation written by decorators: classes and functions stay as they are."""


class ImageProcessorArgs:
    pass


class VideoProcessorArgs(ImageProcessorArgs):
    pass


class ProcessorArgs:
    pass


class ConfigArgs:
    pass


class ModelArgs:
    pass


class ModelOutputArgs:
    pass


class ClassDocstring:
    pass


class ClassAttrs:
    pass


def auto_docstring(obj=None, *, custom_intro=None, custom_args=None, checkpoint=None):
    return (lambda one: one) if obj is None else obj


def auto_class_docstring(cls, custom_intro=None, custom_args=None, checkpoint=None):
    return cls


def auto_method_docstring(func, *args, **kwargs):
    return func


def get_args_doc_from_source(args_classes):
    return {}


def parse_docstring(docstring, max_indent_level=0, return_intro=False):
    return ({}, "", "") if return_intro else ({}, "")


def set_min_indent(docstring, indent_level):
    return docstring
