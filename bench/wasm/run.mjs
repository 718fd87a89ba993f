// Runs one workload of the module, first a little of it so that the engine has compiled what is hot,
// and prints how much was done and how many seconds of the processor's time it took.
//
// node run.mjs MODULE PLACE WARM-UP AMOUNT

import { readFile } from "node:fs/promises";

const [path, ...numbers] = process.argv.slice(2);
const [place, warmUp, amount] = numbers.map(Number);
const { instance } = await WebAssembly.instantiate(await readFile(path), {});
instance.exports.work(place, warmUp);
const start = process.cpuUsage();
const done = instance.exports.work(place, amount);
const { user, system } = process.cpuUsage(start);
console.log(done, (user + system) / 1e6);
