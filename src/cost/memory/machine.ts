/** How a device's memory is handed out: PyTorch's caching allocator on GPUs, plain sums elsewhere. */
import type { Device } from "../devices/device.ts";

export interface Machine {
  /** Whether PyTorch's caching allocator stands between the program and the device. */
  readonly caching: boolean;
  /** What each thread's cuBLAS or rocBLAS handle takes at its first product and keeps. */
  readonly productWorkspaceBytes: number;
  readonly productWorkspaceSource: string;
  /** What each thread's cuBLASLt takes beside at its first product with a bias and keeps. */
  readonly biasedWorkspaceBytes: number;
  /** What the process takes before its first tensor, where known. */
  readonly contextBytes: number | undefined;
  /** Beyond this the allocator gives unused segments back before it asks for more. */
  readonly limitBytes: number;
  /** Streaming multiprocessors, and the threads that fit on each: reductions share their work out by them. */
  readonly units: number;
  readonly threadsPerUnit: number;
  /** CUDA compute capability; undefined for other makes. */
  readonly capability: number | undefined;
}

const mebibyte = 2 ** 20;

/** The machine that a device is. Where none is named: a GPU of capability 8.0 with room for anything, without a context. */
export function machineOf(device: Device | undefined): Machine {
  const maker = (device?.like ?? device?.id)?.split("-")[0];
  const cuda = device === undefined || maker === "nvidia" || device.capability !== undefined;
  const caching = cuda || (maker === "amd" && device?.kind === "gpu");
  const capability = cuda ? (device?.capability ?? 8) : undefined;
  const { bytes, source } = productWorkspace(caching, capability, device);
  return {
    caching,
    productWorkspaceBytes: bytes,
    productWorkspaceSource: source,
    // CUDABlas.cpp, _getWorkspaceSize: 1024 KiB, seen beside the other on an H200 with torch 2.11.
    biasedWorkspaceBytes: cuda ? mebibyte : 0,
    contextBytes: device?.contextBytes,
    limitBytes: device
      ? (device.visibleBytes ?? device.memoryBytes) - (device.contextBytes ?? 0)
      : Number.POSITIVE_INFINITY,
    units: device?.units ?? 108,
    threadsPerUnit: threads(capability),
    capability,
  };
}

/** aten/src/ATen/cuda/CublasHandlePool.cpp, parseChosenWorkspaceSize. */
function productWorkspace(
  caching: boolean,
  capability: number | undefined,
  device: Device | undefined,
): { bytes: number; source: string } {
  if (!caching) return { bytes: 0, source: "" };
  if (capability === undefined) {
    const large = device?.id.startsWith("amd-mi3") ?? false;
    return large
      ? { bytes: 128 * mebibyte, source: "hipBLAS: 128 MiB on gfx94 and gfx95" }
      : { bytes: 32 * mebibyte, source: "hipBLAS: 32 MiB" };
  }
  if ([9, 10, 12].includes(Math.floor(capability)))
    return { bytes: 32 * mebibyte, source: "cuBLAS: 32 MiB a handle on Hopper and Blackwell" };
  return { bytes: (2 * 4096 + 8 * 16) * 1024, source: "cuBLAS: :4096:2:16:8, 8.125 MiB a handle" };
}

/** Threads that one multiprocessor holds (CUDA programming guide, technical specifications by compute capability). */
function threads(capability: number | undefined): number {
  if (capability === undefined) return 2048;
  if (capability === 7.5) return 1024;
  return [8.6, 8.7, 8.9, 12].includes(capability) ? 1536 : 2048;
}
