// Babbles on both of its outputs. A client that has got all that it is owed, and has ended its side, gets
// well-formed answers for ever instead of an end of file: whoever reads up to the end never ends, and fills
// its memory. And on standard output, behind the announcement, stands one line without an end.
//
// It deserves to fail all that reads up to the end of file, what is measured while such clients are there, and
// the cases in which an idle server is to print nothing and to use no processor.
'use strict';

const fs = require('fs');
const net = require('net');
const right = require('./right.js');

const BABBLE = Buffer.from('Uryyb\n'.repeat(10000));
const MOST_TO_A_CLIENT = 512 << 20; // bytes
const MOST_PRINTED = 256 << 20; // bytes

function babble(client) {
  let length = 0;
  const more = () => {
    if (client.destroyed) return;
    length += BABBLE.length;
    if (length > MOST_TO_A_CLIENT) setTimeout(() => client.write('Uryyb\n', more), 1000);
    else if (client.write(BABBLE)) setImmediate(more);
    else client.once('drain', more);
  };
  more();
}

function printWithoutEnd() {
  const text = Buffer.alloc(64 << 10, 'listening on 127.0.0.1:');
  let length = 0;
  const more = (error) => {
    if (error && error.code !== 'EAGAIN') return;
    length += text.length;
    if (length > MOST_PRINTED) return;
    const print = () => fs.write(1, text, more);
    if (error) setTimeout(print, 50);
    else print();
  };
  more();
}

const server = net.createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const state = { rest: Buffer.alloc(0) };
  client.on('error', () => client.destroy());
  client.on('data', (received) => right.send(client, Buffer.concat(right.answers(state, received))));
  client.on('end', () => {
    client.write(state.rest);
    babble(client);
  });
});
right.listen(server, printWithoutEnd);
