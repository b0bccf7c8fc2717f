// What the drivers for Node.js share: calls come in as lines of JSON, answers go out so.
"use strict";
const readline = require("node:readline");

exports.serve = async function (handlers) {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const asked = JSON.parse(line);
    let answer;
    try {
      answer = { answer: (await handlers[asked.call](asked.given)) ?? null };
    } catch (error) {
      console.error(error);
      answer = { error: `${error.name}: ${error.message}` };
    }
    process.stdout.write(JSON.stringify(answer) + "\n");
  }
};
