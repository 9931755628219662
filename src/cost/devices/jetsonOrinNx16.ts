import type { Device } from "./device.ts";

/** NVIDIA Jetson Orin NX 16 GB, 16 GB, at its highest power mode. */
const jetsonOrinNx16: Device = {
  id: "nvidia-jetson-orin-nx-16gb",
  name: "Jetson Orin NX 16 GB",
  kind: "board",
  memoryBytes: 16e9,
  visibleBytes: 15523 * 2 ** 20,
  memoryBytesPerSecond: 102.4e9,
  flopsPerSecond: { f32: 1.88e12, tf32: 7.5e12, bf16: 15e12, f16: 15e12, i8: 30e12 },
  units: 8,
  lastLevelCacheBytes: 2 * 2 ** 20,
  capability: 8.7,
  powerWatts: 25,
  sources: ["https://www.nvidia.com/en-us/autonomous-machines/embedded-systems/jetson-orin/"],
  remarks:
    "The GPU alone, without the DLA engines that the sheet's total counts. f16 and bf16 are half of the int8 rate, TF32 a quarter. CPU and GPU share the memory.",
};
export default jetsonOrinNx16;
