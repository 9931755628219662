/** Names of `torch` that Python files of ours define, by the module that has them. */
const byModule: Readonly<Record<string, string>> = {
  "torch.autograd.grad_mode": "no_grad enable_grad inference_mode set_grad_enabled",
  "torch.amp.autocast_mode": "autocast",
  "torch.random": "Generator manual_seed seed initial_seed get_rng_state set_rng_state default_generator fork_rng",
  "torch._settings":
    "set_printoptions set_num_threads get_num_threads set_num_interop_threads get_num_interop_threads use_deterministic_algorithms are_deterministic_algorithms_enabled is_deterministic_algorithms_warn_only_enabled set_float32_matmul_precision get_float32_matmul_precision set_flush_denormal set_warn_always is_warn_always_enabled is_anomaly_enabled set_default_tensor_type set_default_device get_default_device set_default_dtype get_default_dtype is_autocast_enabled is_autocast_cpu_enabled is_autocast_cache_enabled get_autocast_dtype get_autocast_gpu_dtype get_autocast_cpu_dtype clear_autocast_cache is_grad_enabled is_inference_mode_enabled is_vulkan_available compiled_with_cxx11_abi set_autocast_enabled set_autocast_gpu_dtype set_autocast_dtype set_autocast_cache_enabled autocast_increment_nesting autocast_decrement_nesting get_deterministic_debug_mode set_deterministic_debug_mode set_anomaly_enabled has_cuda has_cudnn has_mps has_mkl has_lapack _assert _assert_async",
  "torch._types": "finfo iinfo is_tensor is_storage typename promote_types result_type can_cast",
  "torch.overrides": "has_torch_function has_torch_function_unary has_torch_function_variadic handle_torch_function",
  "torch._matrices": "matrix_rank",
  "torch._compile": "compile cond vmap while_loop compiler_is_compiling",
  "torch.serialization": "load save",
  "torch._streams": "Stream Event",
  "torch.storage":
    "UntypedStorage TypedStorage FloatStorage LongStorage ByteStorage DoubleStorage HalfStorage IntStorage BoolStorage",
  "torch.functional": "stft istft lu pca_lowrank svd_lowrank lobpcg lu_unpack lu_solve unravel_index",
  "torch._jit_classes":
    "ScriptModule ScriptFunction SymInt SymFloat SymBool sym_int sym_float sym_max sym_min sym_not sym_sum",
};

export const pythonNames: ReadonlyMap<string, string> = new Map(
  Object.entries(byModule).flatMap(([module, names]) => names.split(" ").map((name) => [name, module] as const)),
);
