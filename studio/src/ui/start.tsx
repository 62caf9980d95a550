/** The first view: a place for photos, what is wrong with them, and ways in without one. */

import { useMemo, useRef, useState } from "preact/hooks";
import { ArrowRight, Camera, ClipboardPaste, FileUp, ImageUp, ShieldCheck } from "lucide-preact";

import { t } from "../i18n";
import { averageValues, type Values } from "../model/schema";
import { randomised } from "../model/shaping";
import { open } from "../state/editor";
import { addPhotos, checking, consent, giveConsent, photos, usable } from "../state/photos";
import { connection, info, schema } from "../state/session";
import { create, failure, preset, wishes } from "../state/solving";
import { CameraDialog } from "./camera-dialog";
import { Drawing } from "./drawing";
import { importFile } from "./importing";
import { documentOf, imagesOf } from "./intake";
import { Button, Range, Segments } from "./kit";
import { PhotoCard, Problem } from "./photo-card";
import { Recent } from "./recent";
import { say } from "./toast";

export function Start() {
  const [camera, setCamera] = useState(false);
  return (
    <div class="start">
      <section class="hero">
        <h1>{t("headline")}</h1>
        <p class="lead">{t("lead")}</p>
      </section>
      <Intake onCamera={() => setCamera(true)} />
      {schema.value && <Strangers />}
      <Recent />
      {camera && <CameraDialog onClose={() => setCamera(false)} />}
    </div>
  );
}

function Intake({ onCamera }: { onCamera: () => void }) {
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    setOver(false);
    const document = documentOf(event.dataTransfer);
    const images = imagesOf(event.dataTransfer);
    if (document) void importFile(document);
    else if (images.length > 0) addPhotos(images);
    else say(t("noPicture"));
  };
  const given = photos.value.length > 0;
  return (
    <section
      class={`intake ${over ? "over" : ""} ${given ? "given" : ""}`}
      aria-label={t("photos")}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      {given ? (
        <>
          <div class="photo-cards">
            {photos.value.map((photo) => (
              <PhotoCard key={photo.id} photo={photo} />
            ))}
            <Sources onCamera={onCamera} more />
          </div>
          <Go />
        </>
      ) : (
        <div class="drop">
          <ImageUp size={40} strokeWidth={1.400} aria-hidden="true" />
          <p class="drop-title">{t("dropHere")}</p>
          <p class="soft">{t("dropHint")}</p>
          <Sources onCamera={onCamera} />
          <Kept>{t("ownPhoto")}</Kept>
        </div>
      )}
    </section>
  );
}

function Sources({ onCamera, more = false }: { onCamera: () => void; more?: boolean }) {
  const file = useRef<HTMLInputElement>(null);
  const paste = async (): Promise<void> => {
    try {
      const found: Blob[] = [];
      for (const item of await navigator.clipboard.read()) {
        const type = item.types.find((name) => name.startsWith("image/"));
        if (type) found.push(await item.getType(type));
      }
      if (found.length > 0) addPhotos(found);
      else say(t("nothingToPaste"));
    } catch {
      say(t("pasteWithKeys"));
    }
  };
  const full = photos.value.length >= (info.value?.maxPhotos ?? 16);
  return (
    <div class="sources">
      <input
        ref={file}
        class="hidden"
        type="file"
        accept="image/*,.heic,.heif,.avif"
        multiple
        tabIndex={-1}
        aria-hidden="true"
        data-testid="file"
        onChange={(event) => {
          addPhotos(event.currentTarget.files ?? []);
          event.currentTarget.value = "";
        }}
      />
      <Button icon={FileUp} kind={more ? "plain" : "main"} disabled={full} onClick={() => file.current?.click()}>
        {more ? t("addPhoto") : t("chooseFile")}
      </Button>
      <Button icon={Camera} disabled={full} onClick={onCamera}>
        {more ? t("cameraShort") : t("useCamera")}
      </Button>
      {!more && (
        <Button icon={ClipboardPaste} onClick={() => void paste()}>
          {t("paste")}
        </Button>
      )}
    </div>
  );
}

function Kept({ children }: { children?: string }) {
  return (
    <p class="kept">
      <ShieldCheck size={16} aria-hidden="true" />
      <span>
        {children} {t("nothingKept")}
      </span>
    </p>
  );
}

function Go() {
  const presets = info.value?.presets ?? [];
  const ready = usable.value.length > 0 && !checking.value && connection.value === "up";
  return (
    <div class="go">
      {presets.length > 1 && (
        <div class="setting">
          <span class="setting-name">{t("quality")}</span>
          <Segments
            name="preset"
            legend={t("quality")}
            value={preset.value || (info.value?.defaultPreset ?? "")}
            options={presets.map((name) => ({ value: name, label: presetName(name) }))}
            onChange={(name) => (preset.value = name)}
          />
        </div>
      )}
      <Wishes />
      <label class="check">
        <input type="checkbox" checked={consent.value} onChange={(event) => giveConsent(event.currentTarget.checked)} />
        <span>{t("consent")}</span>
      </label>
      <Button kind="main" icon={ArrowRight} disabled={!ready || !consent.value} onClick={() => void create()}>
        {t("create")}
      </Button>
      <Kept />
      {failure.value && <Problem found={failure.value} kind="bad" />}
    </div>
  );
}

/** Beyond likeness: stronger, kinder, without glasses, shaved. The server fulfils them. */
function Wishes() {
  const now = wishes.value;
  return (
    <details class="wishes">
      <summary>{t("wishes")}</summary>
      <Range
        label={t("strength")}
        value={Math.round(100 * now.strength)}
        min={0}
        max={200}
        step={5}
        mark={100}
        shown={`${Math.round(100 * now.strength)} %`}
        onInput={(value) => (wishes.value = { ...now, strength: value / 100 })}
      />
      <Range
        label={t("flatter")}
        value={Math.round(100 * now.flatter)}
        min={0}
        max={100}
        step={5}
        shown={`${Math.round(100 * now.flatter)} %`}
        onInput={(value) => (wishes.value = { ...now, flatter: value / 100 })}
      />
      {(["remove_glasses", "remove_beard"] as const).map((name) => (
        <label key={name} class="check">
          <input
            type="checkbox"
            checked={now[name]}
            onChange={(event) => (wishes.value = { ...now, [name]: event.currentTarget.checked })}
          />
          <span>{t(name)}</span>
        </label>
      ))}
    </details>
  );
}

export function presetName(name: string): string {
  if (name === "default") return t("preset_default");
  if (name === "instant") return t("preset_instant");
  if (name === "paper") return t("preset_paper");
  return name;
}

/** Faces of nobody, drawn by the server: a way in without a photo. */
function Strangers() {
  const sliders = schema.value;
  const faces = useMemo(() => {
    if (!sliders) return [];
    const average = averageValues(sliders);
    return [average, ...Array.from({ length: 5 }, (): Values => randomised(sliders, average, new Set(), Math.random))];
  }, [sliders]);
  if (!sliders) return null;
  return (
    <section class="strangers" aria-labelledby="strangers">
      <h2 id="strangers">{t("withoutPhoto")}</h2>
      <div class="faces">
        {faces.map((values, index) => (
          <button
            key={index}
            type="button"
            class="face"
            aria-label={index === 0 ? t("averageFace") : t("someFace", { n: index })}
            onClick={() => open(sliders, values)}
          >
            <Drawing values={values} />
          </button>
        ))}
      </div>
    </section>
  );
}
