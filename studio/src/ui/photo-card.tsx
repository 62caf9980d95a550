import { useState } from "preact/hooks";
import { Check, CircleAlert, CircleCheck, CircleHelp, ImageOff, TriangleAlert, X } from "lucide-preact";

import { problem, t, type Key } from "../i18n";
import type { Finding, PhotoQuality } from "../api/types";
import { chooseFace, removePhoto, type GivenPhoto } from "../state/photos";
import { IconButton } from "./kit";

export function PhotoCard({ photo }: { photo: GivenPhoto }) {
  const { check } = photo;
  const known = typeof check === "object" ? check : undefined;
  // HEIC, which the server reads, is beyond most browsers.
  const [broken, setBroken] = useState(false);
  return (
    <article class="photo-card" aria-busy={check === "checking"}>
      <div class="photo">
        <div class="photo-frame">
          {broken ? (
            <span class="photo-broken" role="img" aria-label={t("noPreview")}>
              <ImageOff size={30} strokeWidth={1.400} aria-hidden="true" />
            </span>
          ) : (
            <img src={photo.url} alt={t("yourPhoto")} onError={() => setBroken(true)} />
          )}
          {!broken && known && known.faces.length > 0 && <Faces photo={photo} faces={known.faces} />}
          {check === "checking" && <span class="scan" aria-hidden="true" />}
        </div>
        <IconButton icon={X} label={t("removePhoto")} kind="plain" onClick={() => removePhoto(photo.id)} />
      </div>
      <div class="findings" aria-live="polite">
        {check === "checking" && <p class="soft">{t("looking")}</p>}
        {check === "unchecked" && (
          <p class="finding">
            <CircleHelp size={18} aria-hidden="true" />
            <span>{t("notLookedAt")}</span>
          </p>
        )}
        {known?.usable && (
          <p class="finding good">
            <CircleCheck size={18} aria-hidden="true" />
            <span>{known.hints.length > 0 ? t("usableWithHints") : t("goodPhoto")}</span>
          </p>
        )}
        {known?.usable && known.quality && <Facts quality={known.quality} hints={known.hints} />}
        {known?.issues.map((found) => (
          <Problem key={found.code} found={found} kind="bad" />
        ))}
        {known?.hints.map((found) => (
          <Problem key={found.code} found={found} kind="warn" />
        ))}
      </div>
    </article>
  );
}

function Faces({ photo, faces }: { photo: GivenPhoto; faces: readonly { left: number; top: number; width: number; height: number }[] }) {
  return (
    <>
      {faces.map((face, index) => {
        const place = {
          left: `${100 * face.left}%`,
          top: `${100 * face.top}%`,
          width: `${100 * face.width}%`,
          height: `${100 * face.height}%`,
        };
        if (faces.length === 1) return <span key={index} class="face-box chosen" style={place} aria-hidden="true" />;
        const chosen = photo.face === index;
        return (
          <button
            key={index}
            type="button"
            class={chosen ? "face-box chosen" : "face-box"}
            style={place}
            aria-pressed={chosen}
            aria-label={t("faceNumber", { n: index + 1 })}
            onClick={() => chooseFace(photo.id, index)}
          >
            <span aria-hidden="true">{index + 1}</span>
          </button>
        );
      })}
    </>
  );
}

/** What was measured, in words. What is amiss stands in the hints already. */
function Facts({ quality, hints }: { quality: PhotoQuality; hints: readonly Finding[] }) {
  const told = new Set(hints.map(({ code }) => code));
  const facts = [
    !told.has("FACE_SMALL") && t("fact_size", { n: Math.round(quality.faceWidth) }),
    !told.has("FACE_BLURRED") && t(quality.blur < 0.5 ? "fact_sharp" : "fact_soft"),
    !told.has("FACE_DARK") && !told.has("FACE_OVEREXPOSED") && t(lightOf(quality.brightness)),
    !told.has("FACE_TURNED") && t("fact_straight"),
  ].filter((fact) => fact !== false);
  return (
    <ul class="facts" aria-label={t("facts")}>
      {facts.map((fact) => (
        <li key={fact}>
          <Check size={15} aria-hidden="true" />
          {fact}
        </li>
      ))}
    </ul>
  );
}

const lightOf = (brightness: number): Key =>
  brightness < 0.3 ? "fact_dark" : brightness > 0.75 ? "fact_bright" : "fact_light";

export function Problem({ found, kind }: { found: Finding; kind: "bad" | "warn" }) {
  const { message, remedy } = problem(found);
  const Icon = kind === "bad" ? CircleAlert : TriangleAlert;
  return (
    <div class={`finding ${kind}`} role={kind === "bad" ? "alert" : undefined} data-code={found.code}>
      <Icon size={18} aria-hidden="true" />
      <p>
        <b>{message}</b> {remedy}
      </p>
    </div>
  );
}
