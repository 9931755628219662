/** The quick picks of `Assay: What if…`: which techniques, then with which knobs. */
import * as vscode from "vscode";
import type { AppliedTechnique } from "../../base/scenario.ts";
import type { AdviceChoice, AdviceView } from "../../surfaces/advice.ts";

type KnobValue = number | string | boolean;
type Chosen = { readonly choice: AdviceChoice; readonly knobs: Record<string, KnobValue> };

/** Techniques that the person picks of those that fit; undefined where the picking was given up. */
export async function pickTechniques({ model, choices }: AdviceView): Promise<readonly AppliedTechnique[] | undefined> {
  const items = choices.map((choice) => ({
    label: choice.name,
    description: choice.saving,
    detail: `${choice.exact ? "Keeps what is computed. " : ""}Price: ${choice.price}`,
    choice,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    title: `Assay: What if… (${model})`,
    placeHolder: "Techniques to cost together",
    canPickMany: true,
    matchOnDescription: true,
    matchOnDetail: true,
  });
  if (!picked || picked.length === 0) return undefined;
  const chosen = picked.map(({ choice }): Chosen => ({ choice, knobs: defaults(choice) }));
  if (!(await pickKnobs(chosen))) return undefined;
  return chosen.map(({ choice: { id }, knobs }) => ({ id, knobs }));
}

function defaults({ knobs }: AdviceChoice): Record<string, KnobValue> {
  return Object.fromEntries(Object.entries(knobs).map(([name, knob]) => [name, knob.default]));
}

/** Lets the person set knobs one by one until the figures are asked for; false where that was given up. */
async function pickKnobs(chosen: readonly Chosen[]): Promise<boolean> {
  for (;;) {
    const knobs = chosen.flatMap((one) =>
      Object.entries(one.choice.knobs).map(([name, knob]) => ({
        label: `${one.choice.name}: ${name}`,
        description: String(one.knobs[name]),
        detail: knob.what,
        name,
        one,
      })),
    );
    if (knobs.length === 0) return true;
    const show = { label: "$(check) Show the figures", description: "before and after", detail: "" };
    const picked = await vscode.window.showQuickPick<vscode.QuickPickItem & Partial<(typeof knobs)[0]>>(
      [show, ...knobs],
      {
        title: "Assay: What if…",
        placeHolder: "A knob to set, or the figures",
      },
    );
    if (!picked) return false;
    const { one, name } = picked;
    if (!one || name === undefined) return true;
    const value = await askForValue(one, name);
    if (value !== undefined) one.knobs[name] = value;
  }
}

/** A value for a knob: one of those that it takes, or a number between its bounds. */
async function askForValue({ choice, knobs }: Chosen, name: string): Promise<KnobValue | undefined> {
  const knob = choice.knobs[name];
  if (!knob) return undefined;
  const values = knob.values ?? (typeof knob.default === "boolean" ? [true, false] : undefined);
  if (values) {
    const items = values.map((value) => ({ label: String(value), value }));
    return (await vscode.window.showQuickPick(items, { title: `${choice.name}: ${name}`, placeHolder: knob.what }))
      ?.value;
  }
  const isNumber = typeof knob.default === "number";
  const typed = await vscode.window.showInputBox({
    title: `${choice.name}: ${name}`,
    prompt: knob.what,
    value: String(knobs[name]),
    validateInput: (text) => (isNumber ? faultOf(text, knob) : undefined),
  });
  if (typed === undefined) return undefined;
  return isNumber ? Number(typed) : typed;
}

function faultOf(text: string, { min, max }: AdviceChoice["knobs"][string]): string | undefined {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value)) return "A number is needed.";
  if (min !== undefined && value < min) return `The least is ${min}.`;
  return max !== undefined && value > max ? `The most is ${max}.` : undefined;
}
