/** Published and computed figures of Landmark Attention (arXiv:2305.16300, table 1, section 3.3 and appendix G). */
import { attentionSize, keysTouched, positionsTaken } from "../../../src/advice/attention/landmarks.ts";
import { subjectOf } from "../../support/subject.ts";
import { advised } from "../advised.ts";
import type { Gate } from "./gate.ts";

const llama = JSON.stringify({
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 4096,
  intermediate_size: 11008,
  num_hidden_layers: 32,
  num_attention_heads: 32,
  vocab_size: 32000,
  max_position_embeddings: 65536,
  torch_dtype: "float16",
});

const usual = { block: 50, local: 250 };
const sizes = [
  [512, 2, "360", "360"],
  [2048, 2, "390", "360"],
  [2048, 4, "490", "460"],
  [4096, 2, "430", "370"],
  [4096, 4, "530", "470"],
] as const;

export function landmarkGates(): readonly Gate[] {
  const exact = "exact" as const;
  const subject = subjectOf(llama, { phase: "decode", batch: 1, sequence: 32_069, device: "nvidia-a100-sxm-80gb" });
  const { shows } = advised(subject, "landmark-attention[blocks=5;offload=true]");
  const shown = (name: string) => Number(shows.find((one) => one.name.startsWith(name))?.after);
  const far = 1e9;
  const four = { ...usual, blocks: 4 };
  return [
    ...sizes.flatMap(([keys, blocks, literal, printed]): Gate[] => {
      const here = attentionSize(keys, { ...usual, blocks });
      const what = `${keys} tokens, ${blocks} blocks: attention size`;
      return [
        { what: `${what}, all landmarks counted`, published: literal, here, within: exact },
        // Table 1 counts 10 landmarks up to 40 blocks and 20 at 80: those of 512 and of 1024 tokens.
        {
          what: `${what}, landmarks counted as in table 1`,
          published: printed,
          here: attentionSize(keys > 2048 ? 1024 : 512, { ...usual, blocks }),
          within: exact,
        },
      ];
    }),
    {
      what: "32,768 tokens: keys that a query touches",
      published: "1096",
      here: keysTouched(32_768, four).all,
      within: 0.001,
    },
    {
      what: "of all keys a query touches fewer by, in the limit, ×",
      published: "50",
      here: far / keysTouched(far, four).all,
      within: 0.025,
    },
    ...(
      [
        [350, 2, "510"],
        [300, 3, "510"],
        [250, 4, "510"],
        [250, 2, "408"],
      ] as const
    ).map(
      ([local, blocks, published]): Gate => ({
        what: `${local} local tokens and ${blocks} blocks: positions of the 512 trained`,
        published,
        here: positionsTaken({ block: 50, local, blocks }),
        within: exact,
      }),
    ),
    {
      what: "LLaMA-7B, 32,070 tokens: on the host, GB",
      published: "17.1",
      here: shown("keys and values on the host") / 1e9,
      within: 0.005,
    },
    {
      what: "its landmarks' keys on the GPU, GB",
      published: "0.168",
      here: shown("landmark keys on the GPU") / 1e9,
      within: exact,
    },
    {
      what: "fetched blocks and recent tokens, GB",
      published: "0.267",
      here: shown("fetched blocks and recent tokens") / 1e9,
      within: exact,
    },
    { what: "from the host a layer, MB", published: "4.18", here: shown("from the host a layer") / 1e6, within: exact },
    { what: "from the host a step, MB", published: "134", here: shown("from the host a step") / 1e6, within: exact },
  ];
}
