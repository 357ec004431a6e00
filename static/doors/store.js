// What a door keeps on its device: the list of an event (names), and the scans that have not been sent (no names).
//
// Where the browser has storage buckets a list lies in one of its own that ends with the list: the browser removes it
// by itself, even if nobody ever opens the page again. Elsewhere it goes when any door is opened the next time.

const NAME = "doors";
const BUCKET = "door-";
const buckets = navigator.storageBuckets;

async function shelfOf(event) {
  return buckets ? (await buckets.open(`${BUCKET}${event}`)).indexedDB : indexedDB;
}

function opened(shelf) {
  return new Promise((resolve, reject) => {
    const asked = shelf.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("lists", { keyPath: "event" });
      asked.result.createObjectStore("queue", { keyPath: "client_key" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(shelf, store, mode, act) {
  const database = await opened(shelf);
  try {
    return await new Promise((resolve, reject) => {
      const work = database.transaction(store, mode);
      const asked = act(work.objectStore(store));
      work.oncomplete = () => resolve(asked?.result);
      work.onerror = work.onabort = () => reject(work.error);
    });
  } finally {
    database.close();
  }
}

export async function loadList(event) {
  return within(await shelfOf(event), "lists", "readonly", (store) => store.get(event));
}

export async function saveList(list) {
  if (buckets) await (await buckets.open(`${BUCKET}${list.event}`)).setExpires(list.ends);
  await within(await shelfOf(list.event), "lists", "readwrite", (store) => store.put(list));
}

export async function forgetList(event) {
  if (buckets) await buckets.delete(`${BUCKET}${event}`);
  await within(indexedDB, "lists", "readwrite", (store) => store.delete(event));
}

async function listEvents() {
  const names = buckets ? (await buckets.keys()).filter((name) => name.startsWith(BUCKET)) : [];
  const others = await within(indexedDB, "lists", "readonly", (store) => store.getAllKeys());
  return [...names.map((name) => Number(name.slice(BUCKET.length))), ...others];
}

export async function forgetOldLists(now) {
  for (const event of await listEvents()) {
    const list = await loadList(event);
    if (!list || list.ends < now) await forgetList(event);
  }
}

export async function forgetAllLists() {
  for (const event of await listEvents()) await forgetList(event);
}

export async function loadQueue(event) {
  const all = await within(indexedDB, "queue", "readonly", (store) => store.getAll());
  return all.filter((scan) => scan.event === event).sort((one, other) => one.at - other.at);
}

export const addScan = (scan) => within(indexedDB, "queue", "readwrite", (store) => store.put(scan));

export const dropScans = (keys) =>
  within(indexedDB, "queue", "readwrite", (store) => {
    for (const key of keys) store.delete(key);
  });
