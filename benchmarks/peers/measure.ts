/** One library and one shape, in a process of its own: `node --expose-gc measure.ts mastra fanOut`. Prints microseconds a step. */
const [library = "", shape = ""] = process.argv.slice(2)
const size = 1_000
const rounds = 5
const warmUpMillis = 2_000

const shapes = await import(`./libraries/${library}.ts`)
const run: () => Promise<number> = shapes[shape](size)

const checked = async (): Promise<void> => {
  const done = await run()
  if (done !== size) throw new Error(`${library} ${shape}: ${done} of ${size} steps were done`)
}
// By time and by count: a slow library is not warm after the few runs that a fast one makes in a moment.
const begun = performance.now()
for (let runs = 0; runs < 5 || performance.now() - begun < warmUpMillis; runs++) await checked()

const millis: Array<number> = []
for (let round = 0; round < rounds; round++) {
  globalThis.gc?.()
  const started = performance.now()
  await checked()
  millis.push(performance.now() - started)
}
millis.sort((left, right) => left - right)
console.log(((millis[2] ?? Number.NaN) * 1_000) / size)
process.exit(0)
