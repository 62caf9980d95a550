/** A small picture of values, asked for when it comes into sight. */

import { useEffect, useRef, useState } from "preact/hooks";

import type { Values } from "../model/schema";
import { thumbnail } from "../state/drawings";
import { returns } from "../state/session";

export function Drawing(props: { values: Values; view?: string; bundle?: string; alt?: string; onDrawn?: () => void }) {
  const place = useRef<HTMLSpanElement>(null);
  const [url, setUrl] = useState<string>();
  const key = JSON.stringify(props.values);
  const again = returns.value;

  useEffect(() => {
    const control = new AbortController();
    const seen = new IntersectionObserver(
      (entries) => {
        // On a busy machine going out of sight and coming back may be told at once.
        if (!entries.at(-1)?.isIntersecting) return;
        seen.disconnect();
        void thumbnail(props.values, props.view ?? "front", control.signal, props.bundle).then((found) => {
          if (control.signal.aborted || found === undefined) return;
          setUrl(found);
          props.onDrawn?.();
        });
      },
      { rootMargin: "120px" },
    );
    if (place.current) seen.observe(place.current);
    return () => {
      seen.disconnect();
      control.abort();
    };
  }, [key, props.view, props.bundle, again]);

  return (
    <span class={url ? "drawing" : "drawing empty"} ref={place}>
      {url && <img src={url} alt={props.alt ?? ""} width={128} height={128} draggable={false} />}
    </span>
  );
}
