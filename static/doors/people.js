// The list of a door as the device knows it: what the server said, and what this device has seen since.

const MOST = 50;
const MOST_ON_PAPER = 2000;

export function fold(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
}

export class People {
  constructor(list) {
    this.list = list;
    this.byCode = new Map();
    this.byId = new Map();
    this.here = new Map();
    for (const person of list.people) {
      this.byCode.set(person.code, person);
      this.byId.set(person.id, person);
      this.here.set(person.id, new Set(person.in ?? []));
    }
    const named = list.people.filter((person) => !person.no);
    this.sorted = named.sort((one, other) => one.name.localeCompare(other.name));
    this.folded = new Map(named.map((person) => [person.id, fold(`${person.name} ${person.org}`)]));
  }

  isIn(person, part) {
    return this.here.get(person.id).has(part ?? 0);
  }

  // What the device itself can say of a scan; the server has the last word. Whoever is in a part is at the event.
  judge(scan) {
    const person = scan.person ? this.byId.get(scan.person) : this.byCode.get(scan.badge_code);
    if (!person) return { code: "unknown" };
    if (person.no) return { code: person.no, person };
    const wasIn = this.isIn(person, scan.part);
    if (scan.kind === "undo") return { code: wasIn ? "out" : "not_in", person };
    const isOpen = !scan.part || person.parts.includes(scan.part) || this.list.open_parts.includes(scan.part);
    if (!isOpen) return { code: "not_chosen", person };
    return { code: wasIn ? "already_in" : "in", person };
  }

  apply(code, id, part) {
    const here = this.here.get(id);
    if (!here) return;
    if (code === "in" || code === "already_in") here.add(part ?? 0).add(0);
    if (code === "out" || code === "not_in") {
      here.delete(part ?? 0);
      if (here.size === 1) here.delete(0);
    }
  }

  count(part) {
    const expected = this.sorted.filter((one) => !part || one.parts.includes(part) || this.list.open_parts.includes(part));
    return { expected: expected.length, inside: expected.filter((one) => this.isIn(one, part)).length };
  }

  find(text, isPaper) {
    const words = fold(text).split(/\s+/).filter(Boolean);
    if (!words.length && !isPaper) return { people: [], isCut: false };
    const found = this.sorted.filter((one) => words.every((word) => this.folded.get(one.id).includes(word)));
    const most = isPaper ? MOST_ON_PAPER : MOST;
    return { people: found.slice(0, most), isCut: found.length > most };
  }
}
