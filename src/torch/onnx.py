"""Exporting does nothing."""


def export(*args, **kwargs):
    return None


def is_in_onnx_export():
    return False


def register_custom_op_symbolic(*args, **kwargs):
    return None


class OperatorExportTypes:
    ONNX = 0
