import type { Device } from "./device.ts";

/** Apple iPhone SE, third generation (A15), 4 GB. */
const iphoneSe3: Device = {
  id: "apple-iphone-se-3-4gb",
  name: "iPhone SE 3",
  kind: "phone",
  memoryBytes: 4e9,
  memoryBytesPerSecond: 34.1e9,
  flopsPerSecond: { f32: 1.37e12, f16: 1.37e12 },
  units: 4,
  limits: { appBytes: 0.5 * 4 * 2 ** 30, appBytesMost: Math.floor(0.7 * 4 * 2 ** 30) },
  sources: ["https://support.apple.com/specs", "https://arxiv.org/abs/2403.12844"],
  remarks:
    "An app is given 50 to 70 % of the memory. The bandwidth is that of the memory part; no sheet prints it for the phone. The rate is that of 4 GPU cores of 128 lanes at 1.338 GHz; Apple prints only 15.8 trillion operations per second for the Neural Engine. Battery 1821 mAh.",
};
export default iphoneSe3;
