import type { Device } from "./device.ts";

/** NVIDIA Jetson AGX Orin 32 GB, 32 GB, at its highest power mode. */
const jetsonAgxOrin32: Device = {
  id: "nvidia-jetson-agx-orin-32gb",
  name: "Jetson AGX Orin 32 GB",
  kind: "board",
  memoryBytes: 32e9,
  visibleBytes: 30697 * 2 ** 20,
  memoryBytesPerSecond: 204.8e9,
  flopsPerSecond: { f32: 3.3e12, tf32: 13.5e12, bf16: 27e12, f16: 27e12, i8: 54e12 },
  units: 14,
  lastLevelCacheBytes: 4 * 2 ** 20,
  capability: 8.7,
  powerWatts: 40,
  sources: ["https://www.nvidia.com/en-us/autonomous-machines/embedded-systems/jetson-orin/"],
  remarks:
    "The GPU alone, without the DLA engines that the sheet's total counts. f16 and bf16 are half of the int8 rate, TF32 a quarter. CPU and GPU share the memory.",
};
export default jetsonAgxOrin32;
