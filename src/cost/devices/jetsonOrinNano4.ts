import type { Device } from "./device.ts";

/** NVIDIA Jetson Orin Nano 4 GB, 4 GB, at its highest power mode. */
const jetsonOrinNano4: Device = {
  id: "nvidia-jetson-orin-nano-4gb",
  name: "Jetson Orin Nano 4 GB",
  kind: "board",
  memoryBytes: 4e9,
  memoryBytesPerSecond: 34e9,
  flopsPerSecond: { f32: 640e9, tf32: 2.5e12, bf16: 5e12, f16: 5e12, i8: 10e12 },
  units: 4,
  lastLevelCacheBytes: 2 * 2 ** 20,
  capability: 8.7,
  powerWatts: 10,
  sources: ["https://www.nvidia.com/en-us/autonomous-machines/embedded-systems/jetson-orin/"],
  remarks:
    "The GPU alone, without the DLA engines that the sheet's total counts. f16 and bf16 are half of the int8 rate, TF32 a quarter. CPU and GPU share the memory.",
};
export default jetsonOrinNano4;
