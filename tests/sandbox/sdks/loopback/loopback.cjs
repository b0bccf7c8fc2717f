// In a client's process: the platforms' names lead to the sandbox on the loopback, port included.
"use strict";
const net = require("node:net");

const HOSTS = new Set(process.env.LOOPBACK_HOSTS.split(","));
const PORT = Number(process.env.LOOPBACK_PORT);
const connect = net.Socket.prototype.connect;

function led(options) {
  if (HOSTS.has(options.host)) {
    return { ...options, host: "127.0.0.1", port: PORT };
  }
  if (options.host && !["127.0.0.1", "localhost"].includes(options.host)) {
    throw new Error(`${options.host} is no host of a platform: the tests do not leave this machine`);
  }
  return options;
}

net.Socket.prototype.connect = function (...given) {
  // net.connect normalizes its arguments to an array of options and callback before it comes here.
  const first = given[0];
  if (Array.isArray(first) && first[0] && typeof first[0] === "object" && !first[0].path) {
    first[0] = Object.assign(first[0], led(first[0]));
  } else if (first && typeof first === "object" && !Array.isArray(first) && !first.path) {
    given[0] = led(first);
  }
  return connect.apply(this, given);
};
