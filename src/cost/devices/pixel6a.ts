import type { Device } from "./device.ts";

/** Google Pixel 6a (Tensor), 6 GB. */
const pixel6a: Device = {
  id: "google-pixel-6a-6gb",
  name: "Pixel 6a",
  kind: "phone",
  memoryBytes: 6e9,
  memoryBytesPerSecond: 51.2e9,
  flopsPerSecond: {},
  limits: { appBytes: 0.5 * 6 * 2 ** 30, appBytesMost: Math.floor(0.7 * 6 * 2 ** 30) },
  sources: ["https://support.google.com/pixelphone/answer/7158570", "https://arxiv.org/abs/2403.12844"],
  remarks:
    "An app is given 50 to 70 % of the memory. The bandwidth is that of the memory part; no sheet prints it for the phone. Google prints no rate. Battery 4410 mAh.",
};
export default pixel6a;
