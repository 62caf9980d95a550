/** Expressions: presets, how strong, a strip from rest to full, and ARKit's units one by one. */

import { signal } from "@preact/signals";
import { FlipHorizontal2 } from "lucide-preact";

import { t, type Key } from "../i18n";
import { availableExpressions, EXPRESSIONS, expressionSliders, STRIP, wearing, worn, type Units } from "../model/expression";
import { edit, effective, express, settle, symmetric } from "../state/editor";
import { schema } from "../state/session";
import { Drawing } from "./drawing";
import { Button, Range } from "./kit";
import { ParameterSlider } from "./parameter-slider";

const PHOTO = "photo";
const chosen = signal("neutral");
const share = signal(1);
const opened = signal(false);

export function ExpressionPanel() {
  const sliders = schema.value;
  if (!sliders) return null;
  const seen = edit.value?.document?.expressions?.[0]?.units;
  const inPhoto = seen !== undefined && Object.values(seen).some((weight) => weight > 0);
  const names = [...availableExpressions(sliders), ...(inPhoto ? [PHOTO] : [])];
  const unitsOf = (name: string): Units => (name === PHOTO ? (seen ?? {}) : (EXPRESSIONS[name] ?? {}));
  const choose = (name: string): void => {
    chosen.value = name;
    express(unitsOf(name), share.value);
    settle();
  };
  const resting = Object.keys(worn(sliders, effective.value)).length === 0;
  const shown = resting ? "neutral" : chosen.value;
  return (
    <>
      <fieldset class="options">
        <legend>{t("expression")}</legend>
        <div class="option-grid">
          {names.map((name) => (
            <label key={name} class="option">
              <input type="radio" name="expression" value={name} checked={name === shown} onChange={() => choose(name)} />
              <Drawing values={wearing(sliders, effective.value, unitsOf(name))} />
              <span class="option-name">{t(`expression_${name}` as Key)}</span>
            </label>
          ))}
        </div>
      </fieldset>
      <Range
        label={t("howStrong")}
        value={Math.round(100 * share.value)}
        min={0}
        max={100}
        step={1}
        shown={`${Math.round(100 * share.value)} %`}
        disabled={shown === "neutral"}
        onInput={(value) => {
          share.value = value / 100;
          express(unitsOf(shown), share.value);
        }}
        onChange={settle}
      />
      {shown !== "neutral" && (
        <section aria-labelledby="strip">
          <h2 id="strip" class="small-title">
            {t("strip")}
          </h2>
          <div class="strip">
            {STRIP.map((part) => (
              <figure key={part}>
                <Drawing
                  values={wearing(sliders, effective.value, unitsOf(shown), part)}
                  alt={t("stripPart", { share: Math.round(100 * part) })}
                />
                <figcaption aria-hidden="true">{part}</figcaption>
              </figure>
            ))}
          </div>
        </section>
      )}
      <div class="units-head">
        <Button kind="quiet" aria-expanded={opened.value} onClick={() => (opened.value = !opened.value)}>
          {t(opened.value ? "hideUnits" : "showUnits", { n: expressionSliders(sliders).length })}
        </Button>
        {opened.value && (
          <label class="check">
            <input
              type="checkbox"
              checked={symmetric.value}
              onChange={(event) => (symmetric.value = event.currentTarget.checked)}
            />
            <FlipHorizontal2 size={17} aria-hidden="true" />
            <span>{t("symmetric")}</span>
          </label>
        )}
      </div>
      {opened.value && expressionSliders(sliders).map((slider) => <ParameterSlider key={slider.name} slider={slider} />)}
    </>
  );
}
