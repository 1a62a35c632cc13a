// Hears what happens, as it happens, and says in a sentence why it cannot.

const GONE = "The sandbox does not answer. Start it again with “make demo”.";

// Gives every new snapshot to `show`, and what keeps the next one from coming to `tell`.
export function listen(show, tell) {
  const live = new EventSource("/live");
  live.onmessage = (event) => show(JSON.parse(event.data));
  live.onerror = () => why().then(tell);
}

async function why() {
  try {
    const answer = await fetch("/snapshot");
    const told = answer.ok ? {} : await answer.json();
    return told.detail ? `${told.title}: ${told.detail.trim().split("\n").pop()}` : GONE;
  } catch {
    return GONE;
  }
}
