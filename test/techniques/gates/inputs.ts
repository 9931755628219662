/** Published and derived figures of techniques on what a model is given. */
import { costsOf } from "../../../src/advice/pricing.ts";
import { indexBytes } from "../../../src/advice/techniques/mtm.ts";
import { subjectOf } from "../../support/subject.ts";
import { advised } from "../advised.ts";
import type { Gate } from "./gate.ts";

const bert = JSON.stringify({
  architectures: ["BertModel"],
  model_type: "bert",
  hidden_size: 768,
  num_hidden_layers: 12,
  num_attention_heads: 12,
  intermediate_size: 3072,
  max_position_embeddings: 512,
  vocab_size: 30522,
});

/** Pre-norm blocks whose attention is written out, and nothing else. */
const blocks = (count: number) => `import torch
import torch.nn as nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(768), nn.LayerNorm(768)
        self.qkv, self.out = nn.Linear(768, 2304), nn.Linear(768, 768)
        self.mlp = nn.Sequential(nn.Linear(768, 3072), nn.GELU(), nn.Linear(3072, 768))

    def forward(self, x):
        B, T, C = x.shape
        q, k, v = (one.view(B, T, 12, 64).transpose(1, 2) for one in self.qkv(self.norm1(x)).chunk(3, -1))
        weights = torch.softmax(q @ k.transpose(-2, -1) * 0.125, dim=-1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(B, T, C))
        return x + self.mlp(self.norm2(x))


class Blocks(nn.Module):  # assay: Blocks()(float32[B, T, 768])
    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList([Block() for _ in range(${count})])

    def forward(self, x):
        for block in self.blocks:
            x = block(x)
        return x
`;

/** Elements that autograd keeps of one more block. */
function keptElements(sequence: number): number {
  const kept = (count: number) => {
    const { step } = subjectOf(blocks(count), { phase: "train", batch: 1, sequence, dtype: "fp32" });
    const storages = [...(step?.saved ?? [])].filter(({ role }) => role !== "parameter");
    return storages.reduce((sum, { bytes }) => sum + Number(bytes), 0);
  };
  return (kept(3) - kept(2)) / 4;
}

export function simpleHackGates(): readonly Gate[] {
  const flops = (sequence: number) => costsOf(subjectOf(bert, { sequence })).flops ?? 0;
  const [long, half, quarter] = [512, 256, 128].map(flops) as [number, number, number];
  const [most, less, least] = [512, 256, 128].map(keptElements) as [number, number, number];
  const exact = "exact" as const;
  return [
    { what: "BERT-base, 512 tokens, GFLOPs", published: "96.6", here: long / 1e9, within: exact },
    { what: "256 tokens, GFLOPs", published: "45.9", here: half / 1e9, within: exact },
    { what: "128 tokens, GFLOPs", published: "22.35", here: quarter / 1e9, within: exact },
    { what: "FLOPs less by at 256 tokens, ×", published: "2.11", here: long / half, within: exact },
    { what: "FLOPs less by at 128 tokens, ×", published: "4.32", here: long / quarter, within: exact },
    { what: "elements kept of a block, 512 tokens, M", published: "9.44", here: most / 1e6, within: exact },
    { what: "256 tokens, M", published: "3.93", here: less / 1e6, within: exact },
    { what: "128 tokens, M", published: "1.77", here: least / 1e6, within: exact },
    { what: "kept elements less by at 256 tokens, ×", published: "2.4", here: most / less, within: exact },
    { what: "kept elements less by at 128 tokens, ×", published: "5.3", here: most / least, within: exact },
  ];
}

const bertFlops = (sequence: number) => costsOf(subjectOf(bert, { sequence })).flops ?? 0;

const head = `import torch.nn as nn


class Head(nn.Module):  # assay: Head()(float32[B, 2304])
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(2304, 1152), nn.Linear(1152, 576), nn.Linear(576, 288), nn.Linear(288, 144), nn.Linear(144, 2, bias=False)
        )

    def forward(self, x):
        return self.layers(x)
`;

/** An article of so many sentences, and a claim, as a loop over BERT-base's blocks would read them. */
const article = (sentences: number) => `import torch
import torch.nn as nn


class Reranker(nn.Module):  # assay: Reranker()(int64[24], int64[${sentences}, 8])
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(1000, 64)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(64, 4, 256, batch_first=True), 2)

    def forward(self, claim, sentences):
        scores = []
        for sentence in sentences:
            scores.append(self.encoder(self.embed(torch.cat([claim, sentence])[None]))[:, 0])
        return torch.stack(scores)
`;

export function mtmGates(): readonly Gate[] {
  const exact = "exact" as const;
  // As many sentences as 1000 times the printed mean would have: the ratio of passes that the technique shows.
  const ratio = (mean: number, kept: number) => {
    const passes = Math.round(mean);
    const { shows } = advised(subjectOf(article(passes)), `mtm[sentences=${kept}]`);
    const shown = shows.find(({ name }) => name === "passes of the encoder");
    return (Number(shown?.before) / Number(shown?.after)) * (mean / passes);
  };
  return [
    {
      what: "Twitter, 43.736 sentences an article, 5 read: fewer passes by, ×",
      published: "8.75",
      here: ratio(43.736, 5),
      within: exact,
    },
    {
      what: "Weibo, 15.209 sentences an article, 3 read: fewer passes by, ×",
      published: "5.07",
      here: ratio(15.209, 3),
      within: exact,
    },
    { what: "the head's parameters", published: "3527568", here: costsOf(subjectOf(head)).params ?? 0, within: exact },
    { what: "BERT-base, 256 tokens, a pass, GFLOPs", published: "45.9", here: bertFlops(256) / 1e9, within: exact },
    { what: "an article of 3 sentences, GFLOPs", published: "137.7", here: (3 * bertFlops(256)) / 1e9, within: 0.001 },
    { what: "an article of 5 sentences, GFLOPs", published: "229.5", here: (5 * bertFlops(256)) / 1e9, within: 0.001 },
    {
      what: "sentence vectors of Twitter's corpus, MB",
      published: "229",
      here: indexBytes(74_482, 768) / 1e6,
      within: exact,
    },
    {
      what: "sentence vectors of Weibo's corpus, GB",
      published: "1.29",
      here: indexBytes(418_314, 768) / 1e9,
      within: exact,
    },
  ];
}
