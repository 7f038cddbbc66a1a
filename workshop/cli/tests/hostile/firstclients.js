// Is right to the first 40 clients of its life. To those who come later, only the first line is answered
// rightly, as a health check wants it: each later line gets the answer of the first one again.
//
// It deserves to fail the cases in which such a client sends more than one line, and the answers are compared.
'use strict';

const net = require('net');
const right = require('./right.js');

const RIGHT_TO = 40;
let count = 0;

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const state = { rest: Buffer.alloc(0) };
  const isLate = ++count > RIGHT_TO;
  let first = null;
  const stale = (answer) => {
    first ??= answer;
    return isLate ? first : answer;
  };
  client.on('error', () => client.destroy());
  client.on('data', (received) => {
    right.send(client, Buffer.concat(right.answers(state, received).map(stale)));
  });
  client.on('end', () => client.end(state.rest));
});
right.listen(server);
