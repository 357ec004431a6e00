// What a door keeps on its device: the list of an event (names), and the scans that have not been sent (no names).

const NAME = "doors";

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("lists", { keyPath: "event" });
      asked.result.createObjectStore("queue", { keyPath: "client_key" });
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(store, mode, act) {
  const database = await opened();
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

export const loadList = (event) => within("lists", "readonly", (store) => store.get(event));
export const saveList = (list) => within("lists", "readwrite", (store) => store.put(list));
export const forgetList = (event) => within("lists", "readwrite", (store) => store.delete(event));

export async function forgetOldLists(now) {
  const lists = await within("lists", "readonly", (store) => store.getAll());
  for (const list of lists) if (list.ends < now) await forgetList(list.event);
}

export async function loadQueue(event) {
  const all = await within("queue", "readonly", (store) => store.getAll());
  return all.filter((scan) => scan.event === event).sort((one, other) => one.at - other.at);
}

export const addScan = (scan) => within("queue", "readwrite", (store) => store.put(scan));

export const dropScans = (keys) =>
  within("queue", "readwrite", (store) => {
    for (const key of keys) store.delete(key);
  });
