import { showBytes, showCount, showShare } from "../../base/units.ts";
import { known } from "../../base/unknown.ts";
import type { Fix } from "../../cost/report.ts";
import { integer } from "../../tensor/size.ts";
import { elements } from "../../tensor/tensor.ts";
import type { BuiltLayer } from "../../torch/modelTree.ts";
import { behind, statementOf } from "../code/edits.ts";
import { constructionOf, flowOf, layersOf } from "../code/flow.ts";
import { type CallNode, type Code, codeOf, functionOf } from "../code/tree.ts";
import type { Rule, Weighed } from "./rule.ts";

/**
 * An embedding and an output layer of the same size, each with a table of its own.
 *
 * One table can serve both (Press and Wolf, Using the Output Embedding to Improve Language Models, arXiv:1608.05859): the
 * parameters of one, its gradient and its optimizer state are saved. Large models often keep them apart on purpose; the share of
 * the model says whether it matters.
 */
const untiedEmbedding: Rule = {
  id: "untied-embedding",
  price: "another model: it has to be trained so, and the embedding's scale becomes the output's.",

  *check(model) {
    if (/\btie|\btied|share.*embed/i.test(model.text)) return;
    const code = codeOf(model.file, model.text);
    const total = known(model.figures.layers.get("")?.params ?? 0) ?? 0;
    const layers = layersOf(model.figures.tree);
    const tables = layers.filter((layer) => isUsed(layer, "aten.embedding", model));
    for (const output of layers.filter((layer) => isUsed(layer, "aten.linear", model))) {
      const own = weightOf(output);
      const alike = tables.filter(
        (table) => sameShape(weightOf(table)?.shape, own?.shape) && weightOf(table)?.storage !== own?.storage,
      );
      const [table] = alike;
      const call = constructionOf(output, code);
      const count = own && known(elements(own.shape));
      if (!table || !own || !call || !count || count < 0.1 * total || count < 1e6) continue;
      const bytes = known(own.storage.bytes) ?? 0;
      yield {
        severity: "hint",
        at: code.place(call),
        what: `${output.path} and ${table.path} each have a table of ${own.shape.map(integer).join(" × ")}.`,
        why: `One for both saves ${showCount(count)} parameters, ${showShare(count, total)} of the model: ${showBytes(bytes, "GB")} of weights, and ${showBytes(3 * bytes, "GB")} of gradient and AdamW state in training.`,
        fixes: alike.length === 1 ? tied(output, table, call, code) : [],
      };
    }
  },
};
export default untiedEmbedding;

const weightOf = ({ parameters }: BuiltLayer) => parameters.find(({ name }) => name === "weight")?.tensor;

function isUsed(layer: BuiltLayer, name: string, { inference, figures }: Weighed): boolean {
  const weight = weightOf(layer);
  return (
    weight !== undefined &&
    flowOf(inference, figures)
      .readers(weight.storage)
      .some((one) => one.name === name)
  );
}

function sameShape(a: readonly unknown[] | undefined, b: readonly unknown[] | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.length === 2 &&
    b.length === 2 &&
    a.every((size, i) => integer(size as number) === integer(b[i] as number))
  );
}

/** The assignment behind both, where one `__init__` puts both into attributes of the same object. */
export function tied(output: BuiltLayer, table: BuiltLayer, call: CallNode, code: Code): Fix[] {
  const other = constructionOf(table, code);
  const func = functionOf(call, code);
  if (!other || !func || functionOf(other, code) !== func) return [];
  const [first, second] = [call, other].map((one) => ({ statement: statementOf(one, code), value: one }));
  if (!first || !second) return [];
  const names = [first, second].map(({ statement, value }) => {
    const [target] = statement.kind === "Assign" && statement.value === value ? statement.targets : [];
    return target?.kind === "Attribute" && code.text(target).startsWith("self.") && code.parent(statement) === func
      ? code.text(target)
      : undefined;
  });
  const [head, embedding] = names;
  if (!head || !embedding) return [];
  const later = code.span(first.statement).line > code.span(second.statement).line ? first : second;
  const edit = behind(later.statement, `${head}.weight = ${embedding}.weight`, code);
  return edit ? [{ title: `Share ${embedding.slice(5)}'s table with ${output.path}`, edits: [edit] }] : [];
}
