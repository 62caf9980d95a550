/** Server-sent events out of a response's body, which EventSource cannot POST for. */

export interface ServerEvent {
  event: string;
  data: string;
}

/** Whole events at the beginning of a text, and the rest of it. */
export function takeEvents(text: string): { events: ServerEvent[]; rest: string } {
  const blocks = text.replace(/\r\n?/g, "\n").split("\n\n");
  const rest = blocks.pop() ?? "";
  const events: ServerEvent[] = [];
  for (const block of blocks) {
    let event = "message";
    const data: string[] = [];
    for (const line of block.split("\n")) {
      // A line that begins with a colon is a comment: servers send them to keep a connection open.
      if (line.startsWith("event:")) event = line.slice(6).trim();
      else if (line.startsWith("data:")) data.push(line.slice(5).replace(/^ /, ""));
    }
    if (data.length > 0) events.push({ event, data: data.join("\n") });
  }
  return { events, rest };
}

/** The events of a response as they come. */
export async function* serverEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      // What a stream that breaks off leaves unfinished is no event.
      if (done) return;
      const { events, rest } = takeEvents(text + decoder.decode(value, { stream: true }));
      yield* events;
      text = rest;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
