import type { Interconnect } from "./interconnect.ts";

/** NVIDIA NVLink 4 (H100, H200), 18 links of 25 GB/s each way. */
const nvlink4: Interconnect = {
  id: "nvlink4",
  name: "NVLink 4",
  reach: "machine",
  bytesPerSecond: 450e9,
  latencySeconds: 3.5e-6,
  efficiency: 0.82,
  sources: ["https://www.nvidia.com/en-us/data-center/nvlink/", "https://github.com/NVIDIA/nccl-tests/issues/212"],
  remarks:
    "NCCL's maintainers name about 20 % of protocol overhead: 370 of NVLink 4's 450 GB/s. The vendor prints 900 GB/s for both directions of the 18 links of an H100 or H200.",
};
export default nvlink4;
