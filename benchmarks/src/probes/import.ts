/** How long the import of a file takes, in a process of its own: `node import.ts '{"path":"..."}'`. */
import { pathToFileURL } from "node:url"

const { path } = JSON.parse(process.argv[2] ?? "{}")
const started = performance.now()
await import(pathToFileURL(path).href)
console.log(JSON.stringify({ millis: performance.now() - started }))
