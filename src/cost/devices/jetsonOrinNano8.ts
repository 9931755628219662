import type { Device } from "./device.ts";

/** NVIDIA Jetson Orin Nano, 8 GB, at its highest power mode. */
const jetsonOrinNano8: Device = {
  id: "nvidia-jetson-orin-nano-8gb",
  name: "Jetson Orin Nano",
  kind: "board",
  memoryBytes: 8e9,
  visibleBytes: 7546 * 2 ** 20,
  memoryBytesPerSecond: 68e9,
  flopsPerSecond: { f32: 1.28e12, tf32: 5e12, bf16: 10e12, f16: 10e12, i8: 20e12 },
  units: 8,
  lastLevelCacheBytes: 2 * 2 ** 20,
  capability: 8.7,
  powerWatts: 15,
  sources: ["https://www.nvidia.com/en-us/autonomous-machines/embedded-systems/jetson-orin/"],
  remarks:
    "The GPU alone, without the DLA engines that the sheet's total counts. f16 and bf16 are half of the int8 rate, TF32 a quarter. CPU and GPU share the memory.",
};
export default jetsonOrinNano8;
