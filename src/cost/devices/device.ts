/** The contract of a device record: what a data sheet says, in SI units, with its source. */
export interface Device {
  /** Vendor-model-form-memory in kebab-case; the file is named for it in lowerCamelCase. */
  readonly id: string;
  /** The catalogue's device that a person's own one is like. */
  readonly like?: string | undefined;
  /** As people call it: `RTX 4090`. */
  readonly name: string;
  readonly kind: DeviceKind;
  /** All memory that the device has for models, in bytes as the vendor counts them (80 GB is 80e9). */
  readonly memoryBytes: number;
  /** Memory that the driver shows (`torch.cuda.get_device_properties().total_memory`), where known. */
  readonly visibleBytes?: number;
  readonly memoryBytesPerSecond: number;
  /** Dense peak rates of matrix units, by type; without structured sparsity. Two per multiply-add. */
  readonly flopsPerSecond: Readonly<Partial<Record<Rate, number>>>;
  /** Peak of the general (vector) units in fp32, where the matrix rate differs. */
  readonly vectorFlopsPerSecond?: number;
  /** Streaming multiprocessors, compute units or cores. */
  readonly units?: number;
  readonly lastLevelCacheBytes?: number;
  /** CUDA compute capability, such as 9 or 8.9. */
  readonly capability?: number;
  /** What a process takes before its first tensor (CUDA context), where measured or published. */
  readonly contextBytes?: number;
  /** Board power in watts. */
  readonly powerWatts?: number;
  /** To its like in one machine, per direction and device. */
  readonly interconnect?: { readonly name: string; readonly bytesPerSecond: number };
  /** Read-only program memory beside the RAM, on microcontrollers. */
  readonly flashBytes?: number;
  /** What matters for a fit beside memory: browsers' buffer limits and the like. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Curves measured on it; absent: the stated default is used, and said. */
  readonly curves?: string;
  /** Links to data sheets, in order of the figures. */
  readonly sources: readonly string[];
  /** What a reader must know of the figures: sparse rates halved, shared memory, measured by us. */
  readonly remarks?: string;
}

export type DeviceKind =
  | "gpu"
  | "apple"
  | "tpu"
  | "accelerator"
  | "phone"
  | "board"
  | "microcontroller"
  | "cpu"
  | "pim"
  | "fpga"
  | "browser";

/** `f32` is what PyTorch runs by default in fp32; `tf32` where it is allowed. */
export type Rate = "f64" | "f32" | "tf32" | "bf16" | "f16" | "f8" | "f4" | "i8" | "i4";
