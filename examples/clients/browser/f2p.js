// A client of f2p over HTTP for browsers and Node, without a dependency.

/** A photo (File, Blob) to a character; `onProgress` gets every event on the way. Throws an Error with `code` and `remedy`. */
export async function create(server, photo, options = {}, onProgress = () => {}) {
  const form = new FormData();
  form.append("photo", photo, "photo");
  form.append("options", JSON.stringify({ include_progress_pictures: true, ...options }));
  const answer = await fetch(`${server}/v1/characters`, { method: "POST", body: form, headers: { Accept: "text/event-stream" } });
  if (!answer.ok) throw problem(await answer.json());
  for await (const [name, data] of events(answer.body)) {
    if (name === "progress") onProgress(data);
    else if (name === "result") return data;
    else throw problem(data);
  }
  throw new Error("The server ended the stream without a character.");
}

/** The address of a picture of values, {name: number or option}; those left out stand at the average. */
export async function preview(server, values, size = 256) {
  const body = JSON.stringify({ values, size_px: size });
  const answer = await fetch(`${server}/v1/preview`, { method: "POST", body, headers: { "Content-Type": "application/json" } });
  if (!answer.ok) throw problem(await answer.json());
  return URL.createObjectURL(await answer.blob());
}

async function* events(stream) {
  const decoder = new TextDecoder();
  let text = "";
  for (const reader = stream.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    for (let end; (end = text.indexOf("\n\n")) >= 0; text = text.slice(end + 2)) {
      const [event, data] = text.slice(0, end).split("\n");
      yield [event.slice("event: ".length), JSON.parse(data.slice("data: ".length))];
    }
  }
}

const problem = (found) => Object.assign(new Error(found.detail), found);
