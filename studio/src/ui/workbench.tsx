/** The stage with the character on it, and the panels beside it. */

import { signal } from "@preact/signals";
import { ArrowLeftRight, Glasses, Shapes, SlidersHorizontal, Smile, SquareArrowOutUpRight, type LucideIcon } from "lucide-preact";

import { t, type Key } from "../i18n";
import { expressionSliders } from "../model/expression";
import { schema } from "../state/session";
import { ComparePanel } from "./compare-panel";
import { ExpressionPanel } from "./expression-panel";
import { FacePanel } from "./face-panel";
import { LooksPanel } from "./looks-panel";
import { Stage } from "./stage";
import { UsePanel } from "./use-panel";
import { VariantsPanel } from "./variants-panel";

type Panel = "face" | "looks" | "expression" | "variants" | "compare" | "use";

const PANELS: readonly { id: Panel; label: Key; icon: LucideIcon; Content: () => preact.JSX.Element | null }[] = [
  { id: "face", label: "tab_face", icon: SlidersHorizontal, Content: FacePanel },
  { id: "looks", label: "tab_looks", icon: Glasses, Content: LooksPanel },
  { id: "expression", label: "tab_expression", icon: Smile, Content: ExpressionPanel },
  { id: "variants", label: "tab_variants", icon: Shapes, Content: VariantsPanel },
  { id: "compare", label: "tab_compare", icon: ArrowLeftRight, Content: ComparePanel },
  { id: "use", label: "tab_use", icon: SquareArrowOutUpRight, Content: UsePanel },
];

const shown = signal<Panel>("face");

export function Workbench() {
  const sliders = schema.value;
  const panels = PANELS.filter(
    ({ id }) =>
      (id !== "looks" || (sliders?.choices.length ?? 0) > 0) &&
      (id !== "expression" || (sliders !== undefined && expressionSliders(sliders).length > 0)),
  );
  const current = panels.find(({ id }) => id === shown.value) ?? panels[0];
  if (!current) return null;
  const { Content } = current;

  const turn = (event: KeyboardEvent): void => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = panels[(panels.indexOf(current) + by + panels.length) % panels.length];
    if (!next) return;
    shown.value = next.id;
    document.getElementById(`tab-${next.id}`)?.focus();
  };

  return (
    <div class="workbench">
      <h1 class="hidden">{t("yourCharacter")}</h1>
      <Stage />
      <section class="panels" aria-label={t("panels")}>
        <div class="tabs" role="tablist" aria-label={t("panels")} onKeyDown={turn}>
          {panels.map(({ id, label, icon: Icon }) => (
            <button
              key={id}
              id={`tab-${id}`}
              type="button"
              role="tab"
              aria-selected={id === current.id}
              aria-controls="panel"
              tabIndex={id === current.id ? 0 : -1}
              onClick={() => (shown.value = id)}
            >
              <Icon size={19} aria-hidden="true" />
              <span>{t(label)}</span>
            </button>
          ))}
        </div>
        <div class="panel" id="panel" role="tabpanel" aria-labelledby={`tab-${current.id}`} tabIndex={0}>
          <Content key={current.id} />
        </div>
      </section>
    </div>
  );
}
