import type { Device } from "./device.ts";

/** NVIDIA A100 SXM4, 80 GB. */
const a100Sxm80: Device = {
  id: "nvidia-a100-sxm-80gb",
  name: "A100 SXM 80 GB",
  kind: "gpu",
  memoryBytes: 80e9,
  visibleBytes: 81038 * 2 ** 20,
  memoryBytesPerSecond: 2.039e12,
  flopsPerSecond: { f64: 19.5e12, f32: 19.5e12, tf32: 156e12, bf16: 312e12, f16: 312e12, i8: 624e12, i4: 1248e12 },
  units: 108,
  lastLevelCacheBytes: 40 * 2 ** 20,
  capability: 8,
  powerWatts: 400,
  interconnect: { name: "nvlink3", bytesPerSecond: 300e9 },
  sources: [
    "https://www.nvidia.com/en-us/data-center/a100/",
    "https://www.nvidia.com/content/dam/en-zz/Solutions/Data-Center/a100/pdf/nvidia-a100-datasheet-us-nvidia-1758950-r4-web.pdf",
  ],
  remarks: "Visible memory is the least that PyTorch was seen to report; some drivers show up to 213 MiB more.",
};
export default a100Sxm80;
