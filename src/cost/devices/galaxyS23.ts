import type { Device } from "./device.ts";

/** Samsung Galaxy S23 (Snapdragon 8 Gen 2), 8 GB. */
const galaxyS23: Device = {
  id: "samsung-galaxy-s23-8gb",
  name: "Galaxy S23",
  kind: "phone",
  memoryBytes: 8e9,
  memoryBytesPerSecond: 67.2e9,
  flopsPerSecond: {},
  limits: { appBytes: 0.5 * 8 * 2 ** 30, appBytesMost: Math.floor(0.7 * 8 * 2 ** 30) },
  sources: ["https://www.samsung.com/us/smartphones/galaxy-s23/", "https://arxiv.org/abs/2403.12844"],
  remarks:
    "An app is given 50 to 70 % of the memory. The bandwidth is that of the memory part; no sheet prints it for the phone. Qualcomm prints no rate. Battery 3785 mAh.",
};
export default galaxyS23;
