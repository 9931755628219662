import type { Device } from "./device.ts";

/** NVIDIA Jetson AGX Orin 64 GB, 64 GB, at its highest power mode. */
const jetsonAgxOrin64: Device = {
  id: "nvidia-jetson-agx-orin-64gb",
  name: "Jetson AGX Orin 64 GB",
  kind: "board",
  memoryBytes: 64e9,
  memoryBytesPerSecond: 204.8e9,
  flopsPerSecond: { f32: 5.3e12, tf32: 21.25e12, bf16: 42.5e12, f16: 42.5e12, i8: 85e12 },
  units: 16,
  lastLevelCacheBytes: 4 * 2 ** 20,
  capability: 8.7,
  powerWatts: 60,
  sources: ["https://www.nvidia.com/en-us/autonomous-machines/embedded-systems/jetson-orin/"],
  remarks:
    "The GPU alone, without the DLA engines that the sheet's total counts. f16 and bf16 are half of the int8 rate, TF32 a quarter. CPU and GPU share the memory.",
};
export default jetsonAgxOrin64;
