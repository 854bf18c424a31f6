// What the oldest supported Chromium (86) lacks and our libraries use.
type Loose = { [key: string]: unknown };

function define(target: object, name: string, value: unknown): void {
  if (!(name in target)) Object.defineProperty(target, name, { value, writable: true, configurable: true });
}

define(Object, "hasOwn", (object: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(object, key));
define(Array.prototype, "at", function at(this: unknown[], index: number) {
  return this[index < 0 ? this.length + index : index];
});
define(Array.prototype, "toSorted", function toSorted(this: unknown[], compare?: (a: unknown, b: unknown) => number) {
  return [...this].sort(compare);
});
define(Array.prototype, "toReversed", function toReversed(this: unknown[]) {
  return [...this].reverse();
});
define(Array.prototype, "findLast", function findLast(this: unknown[], test: (value: unknown) => boolean) {
  return [...this].reverse().find(test);
});
define(globalThis as unknown as Loose, "structuredClone", (value: unknown) => JSON.parse(JSON.stringify(value)));

export {};
