/** Small parts that every panel is made of. */

import { useEffect, useRef } from "preact/hooks";
import type { ComponentChildren, JSX } from "preact";
import { X, type LucideIcon } from "lucide-preact";

import { t } from "../i18n";

type ButtonProps = Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, "icon"> & {
  icon?: LucideIcon | undefined;
  kind?: "plain" | "main" | "quiet" | "danger";
  children?: ComponentChildren;
  disabled?: boolean | undefined;
};

export function Button({ icon: Icon, kind = "plain", children, ...rest }: ButtonProps) {
  return (
    <button type="button" class={`button ${kind}`} {...rest}>
      {Icon && <Icon size={17} aria-hidden="true" />}
      {children !== undefined && <span>{children}</span>}
    </button>
  );
}

type IconButtonProps = Omit<ButtonProps, "children" | "icon"> & { icon: LucideIcon; label: string; pressed?: boolean };

/** A button of a picture alone; its label is its tooltip and what a screen reader says. */
export function IconButton({ icon: Icon, label, pressed, kind = "quiet", ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`icon-button ${kind}`}
      aria-label={label}
      title={label}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
      {...rest}
    >
      <Icon size={18} aria-hidden="true" />
    </button>
  );
}

/** One of a few, all in sight. */
export function Segments<T extends string>(props: {
  name: string;
  legend: string;
  value: T;
  options: readonly { value: T; label: string }[];
  onChange: (value: T) => void;
}) {
  return (
    <fieldset class="segments">
      <legend class="hidden">{props.legend}</legend>
      {props.options.map(({ value, label }) => (
        <label key={value}>
          <input
            type="radio"
            name={props.name}
            value={value}
            checked={props.value === value}
            onChange={() => props.onChange(value)}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** A dialog of the browser's own: it keeps the focus and closes with Escape. */
export function Dialog(props: { title: string; onClose: () => void; children: ComponentChildren; wide?: boolean }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const shown = dialog.current;
    if (shown && !shown.open) shown.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class={props.wide ? "dialog wide" : "dialog"}
      aria-labelledby="dialog-title"
      onCancel={(event) => {
        event.preventDefault();
        props.onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) props.onClose();
      }}
    >
      <div class="dialog-inside">
        <div class="dialog-head">
          <h2 id="dialog-title">{props.title}</h2>
          <IconButton icon={X} label={t("close")} onClick={props.onClose} />
        </div>
        {props.children}
      </div>
    </dialog>
  );
}

/** A slider from 0 to 100 or so, for settings of the page itself. */
export function Range(props: {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  shown: string;
  onInput: (value: number) => void;
  /** At the end of a drag. */
  onChange?: () => void;
  mark?: number;
  disabled?: boolean;
}) {
  const share = (props.value - props.min) / (props.max - props.min);
  const mark = props.mark === undefined ? 0 : (props.mark - props.min) / (props.max - props.min);
  return (
    <label class="range">
      <span class="range-label">{props.label}</span>
      <input
        type="range"
        class="track"
        min={props.min}
        max={props.max}
        step={props.step}
        value={props.value}
        disabled={props.disabled ?? false}
        aria-valuetext={props.shown}
        style={{ "--at": share, "--from": mark } as JSX.CSSProperties}
        onInput={(event) => props.onInput(event.currentTarget.valueAsNumber)}
        onChange={props.onChange}
      />
      <output class="range-shown">{props.shown}</output>
    </label>
  );
}
