import type { Device } from "./device.ts";

/** Apple iPhone 12 (A14), 4 GB: the phone of the SHViT latencies. */
const iphone12: Device = {
  id: "apple-iphone-12-4gb",
  name: "iPhone 12",
  kind: "phone",
  memoryBytes: 4e9,
  memoryBytesPerSecond: 34.1e9,
  flopsPerSecond: { f32: 1.31e12, f16: 1.31e12 },
  units: 4,
  limits: { appBytes: 0.5 * 4 * 2 ** 30, appBytesMost: Math.floor(0.7 * 4 * 2 ** 30) },
  sources: ["https://support.apple.com/specs", "https://arxiv.org/abs/2401.16456"],
  remarks:
    "An app is given 50 to 70 % of the memory. The bandwidth is that of the memory part; no sheet prints it for the phone. The rate is that of 4 GPU cores of 128 lanes at 1.278 GHz; Apple prints only 11 trillion operations per second for the Neural Engine.",
};
export default iphone12;
