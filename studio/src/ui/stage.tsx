/** The character as it is now: drawn by the server, or by the browser where the bundle has a mesh; and beside the photo. */

import { computed, signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import type { JSX } from "preact";
import { Box, Redo2, SquareSplitHorizontal, Undo2, Wand } from "lucide-preact";

import { t, type Key } from "../i18n";
import { answer, canRedo, canUndo, edit, edited, keptEdits, locked, redo, setStrength, settle, undo } from "../state/editor";
import { drawnHere, stageBusy, stagePicture, view } from "../state/drawings";
import { meshBusy, meshFailure } from "../state/meshes";
import { usable } from "../state/photos";
import { connection, info } from "../state/session";
import { solid } from "../state/settings";
import { failure, refit, solving } from "../state/solving";
import { CandidateRow } from "./candidates";
import { SolvingBar } from "./creating";
import { Button, IconButton, Range, Segments } from "./kit";
import { MeshView, useMesh } from "./mesh-view";
import { Problem } from "./photo-card";
import { groundOf } from "./picture-ground";

const comparing = signal(false);
const split = signal(0.5);
/** The view that a photo is framed for. */
const FRONT = "front";

export function Stage() {
  const aligned = answer.value?.aligned;
  const now = edit.value;
  const mesh = useMesh(solid.value);
  const model = mesh.model;
  // The photo is held against the drawing: the engine's camera took both.
  const compared = aligned !== undefined && comparing.value;
  const inBrowser = model !== undefined && !compared;
  useEffect(() => {
    drawnHere.value = inBrowser;
    return () => (drawnHere.value = false);
  }, [inBrowser]);
  if (!now) return null;
  const views = info.value?.views ?? [];
  return (
    <section class="stage" aria-label={t("stage")}>
      <div class="stage-picture">
        <Ground>
          {model && <MeshView model={model} hidden={compared} />}
          {!inBrowser && <Picture url={(compared && rendered.value) || stagePicture.value} />}
          {compared && <BeforeAfter photo={aligned} />}
          {solving.value?.kind === "refit" && solving.value.picture && (
            <img class="layer" src={solving.value.picture} alt={t("faceSoFar")} />
          )}
        </Ground>
        {meshBusy.value && <span class="mesh-busy" role="status">{t("meshComing")}</span>}
        <div class="stage-tools">
          <IconButton icon={Undo2} label={t("undo")} disabled={!canUndo.value} onClick={undo} />
          <IconButton icon={Redo2} label={t("redo")} disabled={!canRedo.value} onClick={redo} />
          {mesh.offered && (
            <IconButton
              icon={Box}
              label={t("solid")}
              pressed={solid.value && !compared}
              onClick={() => {
                solid.value = compared || !solid.value;
                comparing.value = false;
              }}
            />
          )}
          {aligned && (
            <IconButton
              icon={SquareSplitHorizontal}
              label={t("beforeAfter")}
              pressed={comparing.value}
              onClick={() => {
                comparing.value = !comparing.value;
                view.value = FRONT;
              }}
            />
          )}
        </div>
      </div>
      <div class="stage-controls">
        {views.length > 1 && !inBrowser && !compared && (
          <Segments
            name="view"
            legend={t("view")}
            value={view.value}
            options={views.map((name) => ({ value: name, label: viewName(name) }))}
            onChange={(name) => (view.value = name)}
          />
        )}
        <Range
          label={t("strength")}
          value={Math.round(100 * now.strength)}
          min={0}
          max={160}
          step={1}
          mark={100}
          shown={`${Math.round(100 * now.strength)} %`}
          onInput={(value) => setStrength(Math.abs(value - 100) < 3 ? 1 : value / 100)}
          onChange={settle}
        />
        {solving.value?.kind === "refit" ? <SolvingBar /> : <Refit />}
        {meshFailure.value && <Problem found={meshFailure.value} kind="warn" />}
        {failure.value && <Problem found={failure.value} kind="bad" />}
        <CandidateRow />
        <Notes />
      </div>
    </section>
  );
}

function viewName(name: string): string {
  const known: Readonly<Record<string, Key>> = { front: "view_front", left: "view_left", right: "view_right" };
  const key = known[name];
  return key ? t(key) : name;
}

/** The engine's own picture, sharper than a drawing: as long as nothing was changed since the answer. */
const rendered = computed(() => {
  const now = edit.value;
  const found = answer.value;
  const same = now?.strength === 1 && edited.value.size === 0 && now.document === found?.document;
  return same ? found?.render : undefined;
});

function Picture({ url }: { url: string | undefined }) {
  return url ? (
    <img class="layer" src={url} alt={t("yourCharacter")} draggable={false} data-testid="stage" />
  ) : (
    <span class="layer shimmer" aria-busy={stageBusy.value} />
  );
}

/** The stage takes the colour of the picture's own edge, so that the two are one. */
function Ground({ children }: { children: preact.ComponentChildren }) {
  const place = useRef<HTMLDivElement>(null);
  const url = stagePicture.value;
  useEffect(() => {
    if (url === undefined) return;
    void groundOf(url).then((colour) => colour && place.current?.style.setProperty("--ground", colour));
  }, [url]);
  return (
    <div class="ground" ref={place}>
      {children}
    </div>
  );
}

function BeforeAfter({ photo }: { photo: string }) {
  return (
    <div class="layer before-after" style={{ "--split": split.value } as JSX.CSSProperties}>
      <img class="layer before" src={photo} alt={t("yourPhoto")} draggable={false} />
      <span class="divider" aria-hidden="true" />
      <span class="tag left" aria-hidden="true">
        {t("photo")}
      </span>
      <span class="tag right" aria-hidden="true">
        {t("character")}
      </span>
      <input
        type="range"
        min={0}
        max={1}
        step="any"
        value={split.value}
        aria-label={t("beforeAfter")}
        aria-valuetext={`${Math.round(100 * split.value)} %`}
        onInput={(event) => (split.value = event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}

/** After an edit: the rest is solved again, what was edited or locked stays. */
function Refit() {
  const document = edit.value?.document;
  if (!document || usable.value.length === 0) return null;
  const touched = keptEdits.value.size > 0 || locked.value.size > 0;
  return (
    <div class="refit">
      <Button
        icon={Wand}
        disabled={!touched || connection.value !== "up" || solving.value !== undefined}
        onClick={() => void refit()}
      >
        {t("refit")}
      </Button>
      <p class="soft">{touched ? t("refitText", { edits: keptEdits.value.size, locks: locked.value.size }) : t("refitHint")}</p>
    </div>
  );
}

/** What the server said about the photo or the solve. */
function Notes() {
  const [open, setOpen] = useState(false);
  const warnings = edit.value?.document?.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <details class="notes" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("notes", { n: warnings.length })}</summary>
      {warnings.map((text) => {
        const [, code = "", message = text] = /^([A-Z_]+): (.*)$/s.exec(text) ?? [];
        return <Problem key={text} found={{ code, message, remedy: "" }} kind="warn" />;
      })}
    </details>
  );
}
