/** Speculative decoding in closed form (Leviathan et al., arXiv:2211.17192, section 3). */

/** Tokens that a pass of the target model gives, when each of `drafted` is accepted with a probability. */
export function tokensPerPass(acceptance: number, drafted: number): number {
  return acceptance >= 1 ? drafted + 1 : (1 - acceptance ** (drafted + 1)) / (1 - acceptance);
}

/** Time of a token over that of plain decoding; `cost` is a draft step's time over a target step's. Below 1: faster. */
export function speculativeTime(acceptance: number, drafted: number, cost: number): number {
  return (drafted * cost + 1) / tokensPerPass(acceptance, drafted);
}

/** A draft model as the target's side sees it. */
export interface Draft {
  readonly name: string;
  readonly params: number;
  readonly layers: number;
  readonly width: number;
  /** Bytes that a token's keys and values take. */
  readonly kvBytesPerToken: number;
  readonly bytesPerParameter: number;
  /** Parameters that a prompt is not multiplied with: a table that is its head as well. */
  readonly tableParams: number;
}

/** Small models of the families that SpecKV and SpecPC were run on: parameters, and 2·L·h_kv·d_h·2 bytes a token. */
export const drafts: Readonly<Record<string, Draft>> = {
  "llama-3.2-1b": {
    name: "Llama-3.2-1B",
    params: 1_235_814_400,
    layers: 16,
    width: 2048,
    kvBytesPerToken: 2 * 16 * 8 * 64 * 2,
    bytesPerParameter: 2,
    tableParams: 0,
  },
  "qwen2.5-0.5b": {
    name: "Qwen2.5-0.5B",
    params: 494_032_768,
    layers: 24,
    width: 896,
    kvBytesPerToken: 2 * 24 * 2 * 64 * 2,
    bytesPerParameter: 2,
    tableParams: 0,
  },
};

/** Prompt above which a compressed cache beside a resident draft model takes less memory than the whole cache. */
export function breakEvenPrompt(draft: Draft, kvBytesPerToken: number, capacity: number): number {
  return (weightBytesOf(draft) + capacity * kvBytesPerToken) / (kvBytesPerToken - draft.kvBytesPerToken);
}

export function weightBytesOf({ params, bytesPerParameter }: Draft): number {
  return params * bytesPerParameter;
}

/** FLOPs of a draft's prefill: 2·P·S + 2·L·d·S², each query's own keys counted; 4·L·d·S² as passes are counted here. */
export function draftPrefillFlops({ params, tableParams, layers, width }: Draft, tokens: number, all = false): number {
  return 2 * (params - tableParams) * tokens + (all ? 4 : 2) * layers * width * tokens ** 2;
}

/** Bytes that one drafted token reads over those of one token of the target behind its kept cache. */
export function lookaheadShare(draft: Draft, tokens: number, target: number): number {
  return (weightBytesOf(draft) + draft.kvBytesPerToken * tokens) / target;
}

/** Scores of the window's and the drafted queries, in the model's type and in float32: (n_w + n_l + 1)·S·h·(b + 4). */
export function scoreBufferBytes(tokens: number, heads: number, item: number, window: number, drafted: number): number {
  return (window + drafted + 1) * tokens * heads * (item + 4);
}
