/** The tensors whose gradients `torch.autograd.grad` asks for: a pass then runs no further than they need, and hands them out. */
import { type GradNode, type Grads, isTensor, type Tensor } from "../../tensor/tensor.ts";
import { latest } from "../graph.ts";

export class Wanted {
  /** By position among those asked for. */
  readonly found = new Map<number, Tensor>();
  private readonly leaves = new Map<string, number[]>();
  private readonly nodes = new Map<GradNode, { readonly output: number; readonly position: number }[]>();
  private readonly leading = new Map<GradNode, boolean>();

  /** `retain`: what nodes saved stays for another pass. */
  constructor(
    inputs: readonly Tensor[],
    readonly retain: boolean,
    private readonly keyOf: (leaf: Tensor) => string,
  ) {
    inputs.forEach((input, position) => {
      const tensor = latest(input, []);
      const { node } = tensor;
      if (node) this.nodes.set(node, [...(this.nodes.get(node) ?? []), { output: tensor.output ?? 0, position }]);
      else this.leaves.set(keyOf(tensor), [...(this.leaves.get(keyOf(tensor)) ?? []), position]);
    });
  }

  /** Whether a gradient of a tensor is asked for, or leads to one that is. */
  leads(tensor: Tensor): boolean {
    if (!tensor.node) return this.leaves.has(this.keyOf(tensor));
    const stack: GradNode[] = [tensor.node];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      if (this.leading.has(node)) {
        stack.pop();
        continue;
      }
      const before = sources(node);
      const open = before.filter((one) => one.node && !this.leading.has(one.node)).map((one) => one.node as GradNode);
      if (open.length > 0) {
        stack.push(...open);
        continue;
      }
      const leads = before.some((one) => (one.node ? this.leading.get(one.node) : this.leaves.has(this.keyOf(one))));
      this.leading.set(node, leads || this.nodes.has(node));
      stack.pop();
    }
    return this.leading.get(tensor.node) === true;
  }

  /** Takes what a node is given, where that is asked for; `hold` keeps it beyond the pass. */
  take(node: GradNode, grads: Grads, hold: (gradient: Tensor) => void): void {
    for (const { output, position } of this.nodes.get(node) ?? []) {
      const gradient = grads[output];
      if (!gradient || this.found.has(position)) continue;
      hold(gradient);
      this.found.set(position, gradient);
    }
  }

  /** Takes a leaf's gradient, which the pass holds already. */
  takeLeaf(key: string, gradient: Tensor, hold: (gradient: Tensor) => void): void {
    for (const position of this.leaves.get(key) ?? []) {
      if (this.found.size > 0 && [...this.found.values()].includes(gradient)) hold(gradient);
      this.found.set(position, gradient);
    }
  }
}

function sources({ call }: GradNode): Tensor[] {
  return (call.args as readonly unknown[])
    .flatMap((arg) => (Array.isArray(arg) ? arg : [arg]))
    .filter((one): one is Tensor => isTensor(one) && (one.node !== undefined || one.requiresGrad));
}
