import type { Device } from "./device.ts";

/** A generic server CPU: 16 cores with two AVX-512 units at 2.5 GHz, eight channels of DDR4-3200, 256 GB. */
const serverAvx512: Device = {
  id: "generic-server-avx512-16-core-256gb",
  name: "16-core AVX-512 server",
  kind: "cpu",
  memoryBytes: 256e9,
  memoryBytesPerSecond: 204.8e9,
  flopsPerSecond: { f64: 1.28e12, f32: 2.56e12, i8: 10.24e12 },
  units: 16,
  lastLevelCacheBytes: 32 * 2 ** 20,
  powerWatts: 205,
  sources: ["https://www.intel.com/content/www/us/en/docs/intrinsics-guide/index.html"],
  remarks:
    "A class, not a product. fp32: 16 cores × 2 units × 16 lanes × 2 × 2.5 GHz; int8 four times that (VNNI). bf16 and f16 run through fp32.",
};
export default serverAvx512;
