import type { Device } from "./device.ts";

/** Apple iPhone 14 Pro (A16), 6 GB. */
const iphone14Pro: Device = {
  id: "apple-iphone-14-pro-6gb",
  name: "iPhone 14 Pro",
  kind: "phone",
  memoryBytes: 6e9,
  memoryBytesPerSecond: 51.2e9,
  flopsPerSecond: { f32: 1.79e12, f16: 1.79e12 },
  units: 5,
  limits: { appBytes: 0.5 * 6 * 2 ** 30, appBytesMost: Math.floor(0.7 * 6 * 2 ** 30) },
  sources: ["https://support.apple.com/specs", "https://arxiv.org/abs/2403.12844"],
  remarks:
    "An app is given 50 to 70 % of the memory. The bandwidth is that of the memory part; no sheet prints it for the phone. The rate is that of 5 GPU cores of 128 lanes at 1.398 GHz; Apple prints only 17 trillion operations per second for the Neural Engine. Battery 3200 mAh.",
};
export default iphone14Pro;
