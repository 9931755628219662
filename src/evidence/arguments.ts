/** Constructor arguments that nobody gives: dataclass configs by their annotation, the rest by the parameter's name. */
import { annotationsOf } from "../python/builtins/function.ts";
import { call } from "../python/calls.ts";
import type { Interpreter } from "../python/interpreter.ts";
import { dictGet } from "../python/keys.ts";
import { PyClass, PyDict, PyFunction, type PyModule, type Value } from "../python/values.ts";

export interface GuessedArguments {
  readonly keywords: ReadonlyMap<string, Value>;
  /** What was guessed, in words; empty where defaults and config defaults say all. */
  readonly guesses: readonly string[];
  /** `cfg=GPTConfig()`. */
  readonly text: string;
}

/** Usual sizes by usual names: only where the class gives no default, and always said. */
const usual: readonly (readonly [RegExp, number])[] = [
  [/^(in_chans|in_channels|in_ch|input_channels|channels|n_channels|in_dim_img)$/, 3],
  [/^(num_classes|n_classes|classes|out_classes|num_labels)$/, 1000],
  [/^(vocab_size|n_vocab|num_embeddings|ntoken|n_tokens|num_tokens|vocab)$/, 50257],
  [
    /^(d_model|dim|embed_dim|n_embd|hidden_size|hidden_dim|hidden|emb_dim|ninp|width|d|input_dim|in_features|in_dim|input_size|out_features|out_dim|output_dim|features|c|planes|inplanes|out_channels|out_ch)$/,
    256,
  ],
  [/^(n_heads?|num_heads|heads|nhead|n_head)$/, 8],
  [/^(n_layers?|num_layers|depth|layers|nlayers|num_blocks)$/, 4],
  [/^(block_size|max_len|max_seq_len|seq_len|context_length|max_length)$/, 1024],
  [/^(d_ff|mlp_dim|ffn_dim|nhid|dim_feedforward|intermediate_size)$/, 1024],
  [/^(kernel_size|ks|k)$/, 3],
  [/^(patch_size)$/, 16],
  [/^(img_size|image_size)$/, 224],
  [/^(dim_head|head_dim|d_head|d_k|d_v)$/, 64],
];

/** Arguments for a class, or why there are none. */
export function guessArguments(
  py: Interpreter,
  cls: PyClass,
  module: PyModule,
): GuessedArguments | { readonly reason: string } {
  const init = cls.lookup("__init__");
  if (!(init instanceof PyFunction)) return { keywords: new Map(), guesses: [], text: "" };
  const annotations = annotationsOf(init);
  const keywords = new Map<string, Value>();
  const guesses: string[] = [];
  const shown: string[] = [];
  for (const [i, { name, kind }] of init.code.parameters.entries()) {
    if (i === 0 || kind.startsWith("var-") || init.defaults[i] !== undefined) continue;
    const annotation = annotations instanceof PyDict ? dictGet(py, annotations, name) : undefined;
    const config = configClass(annotation) ?? namedConfig(name, module);
    if (config && requiresNothing(config)) {
      keywords.set(name, call(py, config, []));
      shown.push(`${config.name}()`);
      if (!configClass(annotation)) guesses.push(`${name} = ${config.name}()`);
      continue;
    }
    const guess = usual.find(([pattern]) => pattern.test(name));
    if (!guess)
      return {
        reason: `${cls.name}(${name}) has no default: say how to build it in a comment "# assay: ${cls.name}(${name}=…)(float32[B, …])"`,
      };
    keywords.set(name, guess[1]);
    guesses.push(`${name} = ${guess[1]}`);
    shown.push(`${name}=${guess[1]}`);
  }
  return { keywords, guesses, text: shown.join(", ") };
}

/** The class of an annotation where it is one of the user's own, such as a dataclass. */
function configClass(annotation: Value | undefined): PyClass | undefined {
  return annotation instanceof PyClass &&
    annotation.layout === "object" &&
    annotation.module !== "builtins" &&
    annotation.module !== "torch"
    ? annotation
    : undefined;
}

/** For `config`, `cfg`, `args`: the one class of the file that is named like a config. */
function namedConfig(name: string, module: PyModule): PyClass | undefined {
  if (!/^(config|cfg|args|params|hparams|conf|model_args|opt)$/.test(name)) return undefined;
  const configs = [...module.attrs.values()].filter(
    (value): value is PyClass =>
      value instanceof PyClass && /(Config|Args|Params|Hparams|Configuration)$/.test(value.name),
  );
  return configs.length === 1 ? configs[0] : undefined;
}

function requiresNothing(cls: PyClass): boolean {
  const init = cls.lookup("__init__");
  if (!(init instanceof PyFunction)) return true;
  return init.code.parameters.every(
    ({ kind }, i) => i === 0 || kind.startsWith("var-") || init.defaults[i] !== undefined,
  );
}
