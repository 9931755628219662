"""Storages as classes to test for."""


class UntypedStorage:
    pass


class TypedStorage:
    pass


FloatStorage = LongStorage = ByteStorage = DoubleStorage = HalfStorage = IntStorage = BoolStorage = TypedStorage
