import type { Device } from "./device.ts";

/** A generic laptop CPU: eight cores with two AVX2 units at 3 GHz, LPDDR5-4800 on 128 bits, 16 GB. */
const laptopAvx2: Device = {
  id: "generic-laptop-avx2-8-core-16gb",
  name: "8-core AVX2 laptop",
  kind: "cpu",
  memoryBytes: 16e9,
  memoryBytesPerSecond: 76.8e9,
  flopsPerSecond: { f64: 384e9, f32: 768e9 },
  units: 8,
  lastLevelCacheBytes: 16 * 2 ** 20,
  powerWatts: 28,
  sources: ["https://www.intel.com/content/www/us/en/docs/intrinsics-guide/index.html"],
  remarks:
    "A class, not a product. fp32: 8 cores × 2 units × 8 lanes × 2 × 3 GHz. bf16 and f16 run through fp32. The power is that of the whole chip, sustained.",
};
export default laptopAvx2;
