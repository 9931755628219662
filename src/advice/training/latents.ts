/** NextLat's costs in closed form (arXiv:2511.05963, tables 3 and 4, figure 10). */

/** Of the MLP, without its norm: 2·d·m + m² + m·d. */
export function latentParameters(width: number, inner: number): number {
  return 2 * width * inner + inner * inner + inner * width;
}

/** Of as many heads of a whole block each, which multi-token prediction has: 12·d² a head. */
export function multiTokenParameters(width: number): number {
  return 12 * width ** 2;
}

/** FLOPs of a token beside the model's own 6·P: 6·P_ψ for each step ahead, and 4·d·V where the head is run on it. */
export function latentFlops(
  { width, vocabulary }: { readonly width: number; readonly vocabulary: number },
  inner: number,
  rollout: number,
  kl: boolean,
): number {
  return rollout * (6 * latentParameters(width, inner) + (kl ? 4 * width * vocabulary : 0));
}

/** A drafted token's work over a step of the model: (P_ψ + d·V) / P. */
export function draftShare(
  params: number,
  { width, vocabulary }: { readonly width: number; readonly vocabulary: number },
  inner: number,
): number {
  return (latentParameters(width, inner) + width * vocabulary) / params;
}

/** Decoding faster by (A + 1) / (1 + D·c), where A of D drafted tokens are accepted. */
export function draftedSpeed(accepted: number, drafted: number, share: number): number {
  return (accepted + 1) / (1 + drafted * share);
}
