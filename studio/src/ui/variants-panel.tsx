/** Relatives of the character to choose among: take one, look at its relatives, go back by undo. */

import { signal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { Dices, RefreshCw } from "lucide-preact";

import { t } from "../i18n";
import { varied } from "../model/shaping";
import { effective, locked, randomise, setAll } from "../state/editor";
import { schema } from "../state/session";
import { Drawing } from "./drawing";
import { Button, Range } from "./kit";

const amount = signal(60);
const round = signal(0);
const COUNT = 9;

export function VariantsPanel() {
  const sliders = schema.value;
  const values = effective.value;
  const variants = useMemo(() => {
    if (!sliders) return [];
    return Array.from({ length: COUNT }, () => varied(sliders, values, locked.value, Math.random, amount.value / 100));
  }, [sliders, values, locked.value, amount.value, round.value]);
  return (
    <>
      <p class="soft">{t("variantsText")}</p>
      <div class="faces three">
        {variants.map((variant, index) => (
          <button
            key={index}
            type="button"
            class="face"
            aria-label={t("variant", { n: index + 1 })}
            onClick={() => setAll(variant)}
          >
            <Drawing values={variant} />
          </button>
        ))}
      </div>
      <Range
        label={t("howDifferent")}
        value={amount.value}
        min={10}
        max={150}
        step={10}
        shown={`${amount.value} %`}
        onInput={(value) => (amount.value = value)}
      />
      <div class="actions">
        <Button icon={RefreshCw} onClick={() => (round.value += 1)}>
          {t("otherVariants")}
        </Button>
        <Button icon={Dices} onClick={() => randomise()}>
          {t("someoneElse")}
        </Button>
      </div>
    </>
  );
}
