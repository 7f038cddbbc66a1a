// A server that is yet to serve: it listens, and says where. The rest goes into `serve`.
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import net from 'node:net';
import process from 'node:process';
import { parseArgs } from 'node:util';

const DEFAULT_ADDRESS = '127.0.0.1:40713';

const USAGE = 'usage: server [--listen HOST:PORT]';
const OPTIONS = `
  --listen HOST:PORT  listen here [${DEFAULT_ADDRESS}]; port 0 takes any free port
  --help              print this
  --version           print the version`;

// Serves everybody who connects: for each, `server` emits 'connection'.
function serve(server) {
  // @TASKS@
  fail('serve: nothing is written here yet');
}

const { help, version, address, host, port } = commandLine();
if (help) {
  say(USAGE + OPTIONS);
} else if (version) {
  say('server 0.1');
} else {
  const server = await listen(host, port).catch((error) => {
    fail(`server: cannot listen on ${address}: ${error.message}`);
  });
  const own = server.address();
  const ownHost = net.isIPv6(own.address) ? `[${own.address}]` : own.address;
  // A promise: whoever reads this line connects. So nothing that can fail comes after it.
  say(`listening on ${ownHost}:${own.port}`);
  serve(server);
}

function commandLine() {
  const options = {
    listen: { type: 'string' },
    help: { type: 'boolean' },
    version: { type: 'boolean' },
  };
  try {
    const { help, version, listen: address = DEFAULT_ADDRESS } = parseArgs({ options }).values;
    return { help, version, address, ...hostAndPort(address) };
  } catch (error) {
    fail(`server: ${error.message}\n${USAGE}`, 2);
  }
}

// An IPv6 address stands in brackets, as in [::1]:0.
function hostAndPort(address) {
  const parts = /^(?:\[([^[\]]+)\]|([^[\]:]+)):([0-9]{1,5})$/.exec(address);
  if (!parts || Number(parts[3]) > 65535) {
    throw new Error(`this is not HOST:PORT: ${address}`);
  }
  return { host: parts[1] ?? parts[2], port: Number(parts[3]) };
}

async function listen(host, port) {
  // A client that says no more may still listen; otherwise Node would end the connection for it.
  const server = net.createServer({ allowHalfOpen: true });
  // So many may wait to be accepted: as many as Linux allows unless told otherwise.
  server.listen({ host, port, backlog: 4096 });
  await once(server, 'listening');
  return server;
}

// Past all buffers: somebody may wait for it.
function say(line) {
  try {
    writeSync(1, `${line}\n`);
  } catch (error) {
    fail(`server: cannot write standard output: ${error.message}`);
  }
}

function fail(message, status = 1) {
  console.error(message);
  process.exit(status);
}
