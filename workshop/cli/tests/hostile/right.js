// What is right in the hostile servers for Node: the protocol.
'use strict';

const fs = require('fs');
const vm = require('vm');
const v8 = require('v8');

const MAX_LINE = 16384;
const NEWLINE = 0x0a;
const LONGEST_LIFE = 300000; // milliseconds: they end by themselves, should whoever judges them not see to it
const USAGE = 'usage: server [--listen HOST:PORT]\n';

const ROT13 = Buffer.alloc(256);
for (let byte = 0; byte < 256; byte++) {
  const letter = byte | 0x20;
  const isLetter = byte < 128 && letter >= 0x61 && letter <= 0x7a;
  ROT13[byte] = !isLetter ? byte : letter <= 0x6d ? byte + 13 : byte - 13;
}

// Buffers are not part of the heap that V8 counts: it would collect them late.
v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
let sinceCollected = 0;

// The pieces that are owed for these bytes; `state.rest` keeps what is left of the last line.
exports.answers = (state, received) => {
  sinceCollected += received.length;
  if (sinceCollected > 1 << 20) {
    sinceCollected = 0;
    collect();
  }
  let rest = Buffer.concat([state.rest, received.map((byte) => ROT13[byte])]);
  const owed = [];
  for (;;) {
    const end = rest.indexOf(NEWLINE);
    if (end >= 0 && end <= MAX_LINE) {
      owed.push(rest.subarray(0, end + 1));
      rest = rest.subarray(end + 1);
    } else if (rest.length > MAX_LINE) {
      owed.push(Buffer.concat([rest.subarray(0, MAX_LINE), Buffer.from('\n')]));
      rest = rest.subarray(MAX_LINE);
    } else {
      state.rest = Buffer.from(rest);
      return owed;
    }
  }
};

// Sends it, and reads no more from a client who does not take it.
exports.send = (client, bytes) => {
  if (bytes.length > 0 && !client.write(bytes)) {
    client.pause();
    client.once('drain', () => client.resume());
  }
};

const wrong = () => {
  fs.writeSync(2, USAGE);
  process.exit(2);
};

// Reads the command line, listens, and announces that; then `whenReady` may begin.
exports.listen = (server, whenReady = () => {}) => {
  const [option, value, ...more] = process.argv.slice(2);
  if (option === '--help' || option === '--version') {
    fs.writeSync(1, `server 1.0, ${USAGE}`);
    process.exit(0);
  }
  if (option !== undefined && (option !== '--listen' || value === undefined || more.length > 0)) wrong();
  const address = value ?? '127.0.0.1:40713';
  const found = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(address);
  if (!found || Number(found[3]) > 65535) wrong();
  setTimeout(() => process.exit(0), LONGEST_LIFE);
  server.on('error', (error) => {
    fs.writeSync(2, `server: cannot listen on ${address}: ${error.message}\n`);
    process.exit(1);
  });
  server.listen({ host: found[1] ?? found[2], port: Number(found[3]), backlog: 1024 }, () => {
    const { address: host, family, port } = server.address();
    fs.writeSync(1, `listening on ${family === 'IPv6' ? `[${host}]` : host}:${port}\n`);
    whenReady();
  });
};
