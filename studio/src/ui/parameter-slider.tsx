/** One of the engine's sliders: drag, arrow keys or a number in the engine's unit; a lock; back to where it came from. */

import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { Lock, LockOpen, RotateCcw } from "lucide-preact";

import { parameterName, t } from "../i18n";
import { fromEngine, number, toEngine, type Slider } from "../model/schema";
import { edit, edited, effective, lock, locked, reset, settle, setValue } from "../state/editor";
import { IconButton } from "./kit";

export function ParameterSlider({ slider }: { slider: Slider }) {
  const { name } = slider;
  const value = number(effective.value, name);
  const origin = number(edit.value?.origin ?? {}, name);
  const held = locked.value.has(name);
  const label = parameterName(slider);
  const shown = toEngine(slider, value).toFixed(2);
  return (
    <div class={held ? "slider held" : "slider"} data-name={name}>
      <label class="slider-name" htmlFor={`s-${name}`}>
        {label}
      </label>
      <span class="slider-tools">
        {edited.value.has(name) && !held && (
          <IconButton icon={RotateCcw} label={t("resetOne", { name: label })} onClick={() => reset([name])} />
        )}
      </span>
      <EngineNumber slider={slider} shown={shown} disabled={held} label={label} />
      <IconButton
        icon={held ? Lock : LockOpen}
        kind={held ? "plain" : "quiet"}
        label={t(held ? "unlockOne" : "lockOne", { name: label })}
        pressed={held}
        onClick={() => lock([name], !held)}
      />
      <input
        id={`s-${name}`}
        type="range"
        class="track"
        min={0}
        max={1}
        step="any"
        value={value}
        disabled={held}
        aria-valuetext={`${shown} ${slider.unit}`}
        style={{ "--at": value, "--from": slider.average, "--origin": origin } as JSX.CSSProperties}
        onInput={(event) => setValue(name, event.currentTarget.valueAsNumber, true)}
        onChange={settle}
        onDblClick={() => reset([name])}
      />
    </div>
  );
}

function EngineNumber(props: { slider: Slider; shown: string; disabled: boolean; label: string }) {
  const [typed, setTyped] = useState<string>();
  const commit = (): void => {
    const wanted = Number((typed ?? "").replace(",", "."));
    if (typed !== undefined && typed.trim() !== "" && Number.isFinite(wanted)) {
      setValue(props.slider.name, fromEngine(props.slider, wanted));
    }
    setTyped(undefined);
  };
  return (
    <input
      class="engine-number"
      inputMode="decimal"
      aria-label={t("valueOf", { name: props.label, unit: props.slider.unit })}
      title={`${props.slider.low} … ${props.slider.high} ${props.slider.unit}`}
      value={typed ?? props.shown}
      disabled={props.disabled}
      onInput={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => {
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setTyped(undefined);
      }}
    />
  );
}
