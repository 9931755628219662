"""What is installed, and modules that import their parts when asked for them."""
import importlib
import os
import sys
from types import ModuleType

from _assay import exported_names as _exported_names, installed as _installed, original as _original, version as _version

ENV_VARS_TRUE_VALUES = {"1", "ON", "YES", "TRUE"}
ENV_VARS_TRUE_AND_AUTO_VALUES = ENV_VARS_TRUE_VALUES.union({"AUTO"})
PACKAGE_DISTRIBUTION_MAPPING = {}

# Where the package to import is named otherwise than the question.
_packages = {
    "torch_flex_attn": "torch",
    "torch_distributed": "torch",
    "torch_accelerator": "torch",
    "torch_cuda": "torch",
    "fsdp": "torch",
    "torchvision_v2": "torchvision",
    "vision": "PIL",
    "flash_attn": "flash_attn",
    "flash_attn_2": "flash_attn",
    "flash_attn_3": "flash_attn_interface",
    "flash_attn_4": "flash_attn.cute",
    "flash_linear_attention": "fla",
    "mamba_2_ssm": "mamba_ssm",
    "speech": "torchaudio",
    "protobuf": "google.protobuf",
    "hadamard": "fast_hadamard_transform",
    "liger_kernel": "liger_kernel",
    "optimum_quanto": "optimum",
    "jinja": "jinja2",
    "cython": "Cython",
    "levenshtein": "Levenshtein",
    "ipython": "IPython",
}
_devices = ("npu", "xpu", "mlu", "musa", "xla", "hpu", "mps", "neuron", "neuroncore", "tpu", "tensorrt_fx")


class OptionalDependencyNotAvailable(BaseException):
    pass


def _is_package_available(pkg_name, return_version=False):
    found = _installed(pkg_name)
    return (found, (_version(pkg_name) or "N/A") if found else "N/A") if return_version else (found, None)


def _numbers(text):
    parts = []
    for part in text.split("+")[0].split("."):
        if not part.isdigit():
            break
        parts.append(int(part))
    return parts + [0] * (3 - len(parts))


def _at_least(package, library_version):
    return _installed(package) and _numbers(_version(package) or "999") >= _numbers(library_version)


def is_torch_available():
    return _installed("torch")


def get_torch_version():
    return _version("torch") or "N/A"


def get_torch_major_and_minor_version():
    return ".".join(get_torch_version().split(".")[:2])


def is_torch_greater_or_equal(library_version, accept_dev=False):
    return _at_least("torch", library_version)


def is_torch_less_or_equal(library_version, accept_dev=False):
    return _installed("torch") and _numbers(get_torch_version()) <= _numbers(library_version)


def is_torchvision_greater_or_equal(library_version):
    return _at_least("torchvision", library_version)


def is_huggingface_hub_greater_or_equal(library_version, accept_dev=False):
    return True


def is_peft_greater_or_equal(library_version, accept_dev=False):
    return _at_least("peft", library_version)


def is_flash_attn_greater_or_equal(library_version):
    return _at_least("flash_attn", library_version)


def is_flash_attn_greater_or_equal_2_10():
    return is_flash_attn_greater_or_equal("2.1.0")


def is_quanto_greater(library_version, accept_dev=False):
    return False


def is_grouped_mm_available():
    return is_torch_greater_or_equal("2.9")


def is_cuda_platform():
    return True


def is_torch_tf32_available():
    return True


def is_torch_bf16_gpu_available():
    return True


def is_torch_bf16_available_on_device(device):
    return True


def is_torch_fp16_available_on_device(device):
    return True


def enable_tf32(enable):
    pass


def _no(*args, **kwargs):
    return False


is_rocm_platform = is_habana_gaudi1 = is_torch_deterministic = is_torchdynamo_compiling = is_torchdynamo_exporting = _no
is_torch_fx_proxy = is_fake_tensor = is_jax_jitting = is_jit_tracing = _no
is_in_notebook = is_sagemaker_dp_enabled = is_sagemaker_mp_enabled = is_training_run_on_sagemaker = _no


def is_cuda_stream_capturing():
    from torch.cuda import is_current_stream_capturing

    return is_current_stream_capturing()


def is_tracing(tensor=None):
    return is_cuda_stream_capturing()


def _availability(name):
    if name.removeprefix("torch_") in _devices:
        return _no
    package = _packages.get(name, name)
    answer = _installed(package)

    def is_available(*args, **kwargs):
        return answer

    return is_available


def __getattr__(name):
    if name.startswith("is_") and name.endswith("_available"):
        found = _availability(name[3:-10])
    elif name.endswith("_IMPORT_ERROR"):
        found = "{0} needs a package that is not installed."
    elif name.endswith("_VERSION"):
        found = "0.0.0"
    else:
        return getattr(_original(__name__), name)
    globals()[name] = found
    return found


def is_env_variable_true(env_variable):
    return os.environ.get(env_variable, "false").lower() in ("true", "1", "y", "yes", "on")


def is_env_variable_false(env_variable):
    return os.environ.get(env_variable, "true").lower() in ("false", "0", "n", "no", "off")


def check_torch_load_is_safe():
    pass


def torch_only_method(fn):
    return fn


def torch_compilable_check(cond, msg, error_type=ValueError):
    """A condition on data that is not known is taken to hold: otherwise nothing would be computed."""
    if not cond:
        raise error_type(msg if isinstance(msg, str) else msg())


def maybe_import_error(message, *, raise_error):
    if raise_error:
        raise ImportError(message)
    return False


def resolve_internal_import(module, chained_path):
    if not module:
        return None
    found = getattr(module, chained_path.split(".")[-1], None)
    if found:
        return found
    for part in chained_path.split("."):
        module = getattr(module, part, None)
        if not module:
            return None
    return module


def requires(*, backends=()):
    return lambda one: one


def requires_backends(obj, backends):
    for backend in backends if isinstance(backends, (list, tuple)) else [backends]:
        if isinstance(backend, str) and not _availability(backend)():
            name = obj.__name__ if hasattr(obj, "__name__") else obj.__class__.__name__
            raise ImportError(f"{name} needs {backend}, which is not installed.")


class DummyObject(type):
    is_dummy = True

    def __getattribute__(cls, key):
        if key.startswith("_") and key != "_from_config" or key in ("is_dummy", "mro", "call"):
            return super().__getattribute__(key)
        requires_backends(cls, cls._backends)


class _Structure(dict):
    """What a package exports, found in its files' texts when it is asked for."""

    def __init__(self, module_path, prefix):
        self.folder = os.path.dirname(module_path) if module_path.endswith(".py") else module_path
        self.prefix = prefix
        self[frozenset({})] = {}

    def module_of(self, name):
        return _exported_names(self.folder, self.prefix or "").get(name)


def define_import_structure(module_path, prefix=None):
    return _Structure(str(module_path), prefix)


class _LazyModule(ModuleType):
    """A package that imports a part of it when one of its names is asked for."""

    def __init__(self, name, module_file, import_structure, module_spec=None, extra_objects=None, explicit_import_shortcut=None):
        super().__init__(name)
        self.__file__ = module_file
        self.__spec__ = module_spec
        self.__path__ = [os.path.dirname(module_file)]
        self._structure = import_structure
        self._name = name
        self._objects = extra_objects or {}
        self._module_of = {}
        for key, modules in import_structure.items():
            for module, names in modules.items() if isinstance(key, frozenset) else [(key, modules)]:
                for one in names:
                    self._module_of[one] = module

    def __getattr__(self, name):
        if name in self._objects:
            return self._objects[name]
        if name.startswith("__"):
            raise AttributeError(f"module {self._name} has no attribute {name}")
        module = self._module_of.get(name)
        if module is None and name.islower():
            try:
                value = importlib.import_module("." + name, self._name)
                setattr(self, name, value)
                return value
            except ModuleNotFoundError:
                pass
        if module is None and isinstance(self._structure, _Structure):
            module = self._structure.module_of(name)
        if module is None:
            raise AttributeError(f"module {self._name} has no attribute {name}")
        value = getattr(importlib.import_module("." + module, self._name), name)
        setattr(self, name, value)
        return value


def direct_transformers_import(path, file="__init__.py"):
    return sys.modules["transformers"]


def clear_import_cache():
    pass
