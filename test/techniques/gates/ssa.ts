/** Published and derived figures of Stochastically Subsampled self-Attention (arXiv:2306.01705). */
import { subjectOf } from "../../support/subject.ts";
import { advised } from "../advised.ts";
import type { Gate } from "./gate.ts";

/** A layer of the paper: attention, and a feed-forward four times as wide. */
export const ssaLayer = (width: number) => `import torch
import torch.nn as nn
import torch.nn.functional as F


class Layer(nn.Module):  # assay: Layer()(float32[B, T, ${width}])
    def __init__(self):
        super().__init__()
        self.before = nn.Parameter(torch.zeros(1))
        self.qkv = nn.Linear(${width}, ${3 * width})
        self.out = nn.Linear(${width}, ${width})
        self.up = nn.Linear(${width}, ${4 * width})
        self.down = nn.Linear(${4 * width}, ${width})

    def forward(self, x):
        B, T, C = x.shape
        x = x + self.before
        q, k, v = self.qkv(x).view(B, T, 3, ${width / 64}, 64).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-2, -1) / 8, dim=-1)
        y = x + self.out((weights @ v).transpose(1, 2).reshape(B, T, C))
        return y + self.down(F.gelu(self.up(y)))
`;

const rows = [
  [1024, 768, "0.864", "0.841"],
  [2048, 1024, "0.812", "0.781"],
  [8192, 1024, "0.571", "0.500"],
] as const;

export function ssaGates(): readonly Gate[] {
  return rows.flatMap(([positions, width, four, eight]) => {
    const subject = subjectOf(ssaLayer(width), {
      phase: "train",
      batch: 1,
      dtype: "fp16",
      sequence: positions,
      device: "nvidia-h200-sxm-141gb",
    });
    const core = 3 * 4 * positions ** 2 * width;
    return (
      [
        [4, four],
        [8, eight],
      ] as const
    ).flatMap(([ratio, published]): Gate[] => {
      const { before, after } = advised(subject, `ssa-information-pathways[ratio=${ratio}]`);
      const [was = 0, is = 0] = [before.stepFlops, after.stepFlops];
      const at = `${positions} tokens, ${width} wide, one key in ${ratio}`;
      return [
        {
          what: `${at}: attention's core less by, ×`,
          published: `${ratio}.0`,
          here: core / (core - (was - is)),
          within: "exact",
        },
        { what: `${at}: share of a layer's FLOPs left`, published, here: is / was, within: 0.001 },
      ];
    });
  });
}
