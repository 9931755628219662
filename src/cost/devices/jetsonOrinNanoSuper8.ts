import type { Device } from "./device.ts";

/** NVIDIA Jetson Orin Nano Super, 8 GB, at its highest power mode. */
const jetsonOrinNanoSuper8: Device = {
  id: "nvidia-jetson-orin-nano-super-8gb",
  name: "Jetson Orin Nano Super",
  kind: "board",
  memoryBytes: 8e9,
  visibleBytes: 7546 * 2 ** 20,
  memoryBytesPerSecond: 102e9,
  flopsPerSecond: { f32: 2.09e12, tf32: 8.375e12, bf16: 16.75e12, f16: 16.75e12, i8: 33.5e12 },
  units: 8,
  lastLevelCacheBytes: 2 * 2 ** 20,
  capability: 8.7,
  powerWatts: 25,
  sources: ["https://www.nvidia.com/en-us/autonomous-machines/embedded-systems/jetson-orin/"],
  remarks:
    "The GPU alone, without the DLA engines that the sheet's total counts. f16 and bf16 are half of the int8 rate, TF32 a quarter. CPU and GPU share the memory.",
};
export default jetsonOrinNanoSuper8;
