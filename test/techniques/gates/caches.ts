/** Published and derived figures of techniques on the KV cache and on prompts. */
import {
  breakEvenPrompt,
  draftPrefillFlops,
  drafts,
  lookaheadShare,
  scoreBufferBytes,
} from "../../../src/advice/cache/speculation.ts";
import type { Gate } from "./gate.ts";
import { weighed } from "./models.ts";

const exact = "exact" as const;

function draftGates(): readonly Gate[] {
  return (
    [
      ["Llama-3.2-1B", "llama-3.2-1b"],
      ["Qwen2.5-0.5B", "qwen2.5-0.5b"],
    ] as const
  ).flatMap(([name, id]): Gate[] => {
    const { params, kv } = weighed(name);
    const draft = drafts[id];
    return [
      { what: `${name} as a draft: parameters`, published: String(draft?.params), here: params, within: exact },
      {
        what: `${name} as a draft: bytes of a token's cache`,
        published: String(draft?.kvBytesPerToken),
        here: kv,
        within: exact,
      },
    ];
  });
}

export function specKvGates(): readonly Gate[] {
  const [eight, fourteen, thirtyTwo] = (["Llama-3.1-8B", "Qwen2.5-14B", "Qwen2.5-32B"] as const).map(weighed) as [
    ReturnType<typeof weighed>,
    ReturnType<typeof weighed>,
    ReturnType<typeof weighed>,
  ];
  const targets = [
    ["Llama-3.1-8B", eight, "131072", "33.6", "25.5", "llama-3.2-1b"],
    ["Qwen2.5-14B", fourteen, "196608", "50.3", "5.6", "qwen2.5-0.5b"],
    ["Qwen2.5-32B", thirtyTwo, "262144", "67.1", "4.2", "qwen2.5-0.5b"],
  ] as const;
  const [oneB, halfB] = [drafts["llama-3.2-1b"]!, drafts["qwen2.5-0.5b"]!];
  const read = ({ params, kv }: typeof eight) => 2 * params + 256 * kv;
  return [
    {
      what: "Llama-3.1-8B, 131,072 tokens: cache, GB",
      published: "17.18",
      here: (131_072 * eight.kv) / 1e9,
      within: exact,
    },
    { what: "the same, GiB", published: "16.0", here: (131_072 * eight.kv) / 2 ** 30, within: exact },
    ...targets.flatMap(([name, { kv }, perToken, kept, breakEven, draft]): Gate[] => [
      { what: `${name}: bytes of a token's cache`, published: perToken, here: kv, within: exact },
      { what: `${name}: cache of 256 kept tokens, MB`, published: kept, here: (256 * kv) / 1e6, within: exact },
      {
        what: `${name} with its draft: prompt above which memory is saved, thousand tokens`,
        published: breakEven,
        here: breakEvenPrompt(drafts[draft]!, kv, 256) / 1000,
        within: exact,
      },
    ]),
    {
      what: "Qwen2.5-14B, 65,536 tokens, 128 drafted: buffer of scores, GB",
      published: "2.5",
      here: scoreBufferBytes(65_536, 40, 2, 32, 128) / 1e9,
      within: exact,
    },
    {
      what: "Llama pair, 65,536 tokens: a drafted token reads, % of one of the target",
      published: "29",
      here: 100 * lookaheadShare(oneB, 65_536, read(eight)),
      within: exact,
    },
    {
      what: "Qwen pair, 65,536 tokens: a drafted token reads, % of one of the target",
      published: "6",
      here: 100 * lookaheadShare(halfB, 65_536, read(fourteen)),
      within: exact,
    },
    ...draftGates(),
  ];
}

export function specPcGates(): readonly Gate[] {
  const { params } = weighed("Qwen2.5-14B");
  const target = {
    name: "",
    params,
    layers: 48,
    width: 5120,
    kvBytesPerToken: 0,
    bytesPerParameter: 2,
    tableParams: 0,
  };
  return [
    {
      what: "Qwen2.5-0.5B's prefill of 65,536 tokens, % of Qwen2.5-14B's",
      published: "6.2",
      here: (100 * draftPrefillFlops(drafts["qwen2.5-0.5b"]!, 65_536)) / draftPrefillFlops(target, 65_536),
      within: 0.2,
    },
    ...draftGates(),
  ];
}
