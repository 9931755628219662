import type { Device } from "./device.ts";

/** AMD Instinct MI300X, 192 GB. The data sheet prints dense and sparse rates; these are dense. */
const mi300x: Device = {
  id: "amd-mi300x-192gb",
  name: "MI300X",
  kind: "gpu",
  memoryBytes: 192e9,
  visibleBytes: 196592 * 2 ** 20,
  memoryBytesPerSecond: 5.3e12,
  flopsPerSecond: {
    f64: 163.4e12,
    f32: 163.4e12,
    tf32: 653.7e12,
    bf16: 1307.4e12,
    f16: 1307.4e12,
    f8: 2614.9e12,
    i8: 2614.9e12,
  },
  units: 304,
  lastLevelCacheBytes: 256 * 2 ** 20,
  powerWatts: 750,
  interconnect: { name: "infinity-fabric-3", bytesPerSecond: 448e9 },
  sources: [
    "https://www.amd.com/en/products/accelerators/instinct/mi300/mi300x.html",
    "https://github.com/ROCm/legacy-rocm-build/issues/4203",
  ],
  remarks: "The interconnect is all seven links together. Visible memory as PyTorch on ROCm 6.2 reports it.",
};
export default mi300x;
