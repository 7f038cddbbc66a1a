// The protocol for Node.js: node net.mjs --listen 127.0.0.1:0
import { createServer, isIPv6 } from 'node:net';
import { parseArgs } from 'node:util';

const USAGE = 'usage: node net.mjs [--listen HOST:PORT] [--help] [--version]';
const MAX_LINE = 16_384;
const NEWLINE = Buffer.from('\n');

const TURN = Uint8Array.from({ length: 256 }, (_, byte) => {
  const letter = byte | 0x20;
  if (letter < 0x61 || letter > 0x7a) return byte;
  return letter < 0x6e ? byte + 13 : byte - 13;
});

/** What is owed for `unfinished`, and what is left of it. */
function answers(unfinished) {
  const owed = [];
  let start = 0;
  for (;;) {
    const limit = start + MAX_LINE;
    const end = unfinished.subarray(0, limit + 1).indexOf(NEWLINE, start);
    if (end >= 0) {
      owed.push(unfinished.subarray(start, end + 1));
      start = end + 1;
    } else if (unfinished.length > limit) {
      owed.push(unfinished.subarray(start, limit), NEWLINE);
      start = limit;
    } else {
      return [Buffer.concat(owed), Buffer.from(unfinished.subarray(start))];
    }
  }
}

function serve(socket) {
  let unfinished = Buffer.alloc(0);
  socket.on('data', (received) => {
    const turned = received.map((byte) => TURN[byte]);
    let owed;
    [owed, unfinished] = answers(Buffer.concat([unfinished, turned]));
    if (owed.length > 0 && !socket.write(owed)) socket.pause();
  });
  socket.on('drain', () => socket.resume());
  socket.on('end', () => socket.end(unfinished));
  socket.on('error', () => socket.destroy());
}

function fail(status, ...lines) {
  console.error(lines.join('\n'));
  process.exit(status);
}

function commandLine() {
  try {
    const { values } = parseArgs({
      options: {
        listen: { type: 'string', default: '127.0.0.1:40713' },
        help: { type: 'boolean' },
        version: { type: 'boolean' },
      },
    });
    const [, six, four, port] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(values.listen) ?? [];
    if (port === undefined || port > 65_535) throw new Error('write HOST:PORT');
    return { ...values, host: six ?? four, port };
  } catch (error) {
    return fail(2, error.message, USAGE);
  }
}

const { help, version, listen, host, port } = commandLine();
if (help) {
  console.log(USAGE);
} else if (version) {
  console.log('net.mjs 1.0');
} else {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, serve);
  server.on('error', (error) => {
    // Without a descriptor for one client, the others are served all the same.
    if (!server.listening) fail(1, `cannot listen on ${listen}: ${error.message}`);
  });
  server.listen({ host, port, backlog: 4_096 }, () => {
    const own = server.address();
    console.log(`listening on ${isIPv6(own.address) ? `[${own.address}]` : own.address}:${own.port}`);
  });
}
