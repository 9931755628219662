/** What a kernel takes on a machine. */
import { attentionSeconds } from "./attention.ts";
import { convolutionSeconds } from "./convolution.ts";
import type { Kernel } from "./kernels.ts";
import type { Machine } from "./machine.ts";
import { type KernelSeconds, productSeconds } from "./products.ts";
import type { Traffic } from "./residency.ts";
import { streamSeconds } from "./streams.ts";

export function kernelSeconds(kernel: Kernel, traffic: Traffic, machine: Machine): KernelSeconds {
  switch (kernel.form) {
    case "product":
      return productSeconds(kernel, traffic, machine);
    case "convolution":
      return convolutionSeconds(kernel, traffic, machine);
    case "attention":
      return attentionSeconds(kernel, traffic, machine);
    case "stream":
      return streamSeconds(kernel, traffic, machine);
  }
}
