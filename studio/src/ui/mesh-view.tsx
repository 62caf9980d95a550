/** The character in 3D, where the bundle has a mesh. */

import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";

import { t } from "../i18n";
import { lookOf } from "../model/look";
import { effective } from "../state/editor";
import { leaveMesh, refuseMesh, shownMesh, wantMesh } from "../state/meshes";
import { bundleInfo, returns, schema } from "../state/session";
import type { Character3D } from "../viewer/scene";
import { Range } from "./kit";

const degrees = signal(0);

/** The mesh of the bundle in use with the character's look, once it has come; the look before it until then. */
export function useMesh(wanted: boolean): { offered: boolean; model: ArrayBuffer | undefined } {
  const { name = "", exportFormats = [] } = bundleInfo.value ?? {};
  const offered = exportFormats.includes("morphs");
  const sliders = schema.value;
  const look = sliders ? lookOf(sliders, effective.value) : "";
  useEffect(() => {
    if (!offered || !wanted || !sliders) return undefined;
    return wantMesh(name, sliders, look);
  }, [name, offered, wanted, sliders, look, returns.value]);
  useEffect(() => leaveMesh, []);
  return { offered, model: offered && wanted ? shownMesh(name) : undefined };
}

declare global {
  interface HTMLCanvasElement {
    /** The scene that is drawn, for tests of the page. */
    character3D?: Character3D;
  }
}

/** The head; `hidden` keeps it ready, out of sight. */
export function MeshView({ model, hidden }: { model: ArrayBuffer; hidden: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [scene, setScene] = useState<Character3D>();
  useEffect(() => {
    let opened: Character3D | undefined;
    let closed = false;
    const open = async (): Promise<void> => {
      const { openScene } = await import("../viewer/scene");
      const place = canvas.current;
      if (!place || closed) return;
      try {
        opened = await openScene(place, model, "#7f8b99");
      } catch (error) {
        // No WebGL, or a file that is no mesh: the server's drawings take over.
        console.warn(error);
        refuseMesh(model);
        return;
      }
      if (closed) return opened.close();
      place.character3D = opened;
      setScene(opened);
    };
    void open();
    return () => {
      closed = true;
      // A closed scene must not draw into the next one's canvas.
      setScene(undefined);
      opened?.close();
    };
  }, [model]);
  const values = effective.value;
  const sliders = schema.value;
  useEffect(() => {
    if (sliders) scene?.show(sliders, values);
  }, [scene, sliders, values]);
  useEffect(() => scene?.turn(degrees.value), [scene, degrees.value]);
  return (
    <div hidden={hidden}>
      <canvas ref={canvas} class="layer" role="img" aria-label={t("yourCharacter")} data-testid="mesh" />
      <div class="turn">
        <Range
          label={t("turn")}
          value={degrees.value}
          min={-180}
          max={180}
          step={1}
          mark={0}
          shown={`${degrees.value}°`}
          onInput={(value) => (degrees.value = value)}
        />
      </div>
    </div>
  );
}
